"""Functions of a network that DeepLIFT has no rule for.

A rule belongs to a module. Where a forward pass calls ``torch.relu`` or
``values.amax(2)`` there is no module, so the plain gradient passes. The graph that
autograd keeps of a pass has a node for each such call; modules with a rule have none of
their own.
"""

import re
from collections import defaultdict

# Linear in what they are given, but for a product or a quotient of two such values.
_LINEAR = {
    *("accumulate_grad", "multiply"),
    *("add", "sub", "rsub", "neg", "sum", "mean", "cumsum"),
    *("mul", "div", "mm", "bmm", "mv", "dot", "addmm", "baddbmm", "addmv", "addbmm"),
    *("convolution", "mkldnn_convolution", "mkldnn_linear", "linear"),
    *("native_batch_norm", "cudnn_batch_norm", "miopen_batch_norm"),
    *("avg_pool1d", "avg_pool2d", "adaptive_avg_pool1d", "adaptive_avg_pool2d"),
    *("constant_pad_nd", "reflection_pad1d", "replication_pad1d"),
    *("upsample_linear1d", "upsample_nearest1d"),
    *("view", "unsafe_view", "reshape_alias", "as_strided", "alias", "expand"),
    *("transpose", "t", "permute", "squeeze", "unsqueeze", "unfold", "flip", "roll"),
    *("slice", "select", "index", "index_select", "gather", "narrow", "diagonal"),
    *("split", "split_with_sizes", "chunk", "unbind", "cat", "stack", "repeat"),
    *("clone", "to_copy", "copy_slices", "copy_backwards", "tril", "triu"),
}
# What is divided may be of the sequence, what divides it may not.
_QUOTIENT = "div"
# Sums of their inputs; each of the others multiplies them.
_SUMS = {"add", "sub", "rsub", "cat", "stack", "copy_slices"}


def unruled_functions(result, inputs):
    """Nonlinear functions between a tensor and the leaf that it was made from.

    Parameters
    ----------
    result : torch.Tensor
        Of a pass with gradients.
    inputs : torch.Tensor
        A leaf with ``requires_grad``.

    Returns
    -------
    list of str
        Their names in autograd, such as ``relu``, each once, in alphabetical order. A
        function without a gradient (``round``) is not among them.
    """
    made_from, order = {}, [result.grad_fn]
    users = defaultdict(list)
    for node in order:
        if node is not None and node not in made_from:
            made_from[node] = [item for item, _ in node.next_functions]
            order += made_from[node]
            for item in made_from[node]:
                users[item].append(node)
    depends = set()
    waiting = [node for node in made_from if getattr(node, "variable", None) is inputs]
    for node in waiting:
        if node not in depends:
            depends.add(node)
            waiting += users[node]
    names = set()
    for node in depends:
        of_input = [item in depends for item in made_from[node]]
        if not _is_linear(_name(node), of_input):
            names.add(_name(node))
    return sorted(names)


def _name(node):
    """``MaxPool2DWithIndicesBackward0`` is ``max_pool2d_with_indices``."""
    name = re.sub(r"(Backward)?\d*$", "", node.name().rpartition("::")[2].lstrip("_"))
    return re.sub(r"(?<!^)(?=[A-Z][a-z])", "_", name).lower()


def _is_linear(name, of_input):
    """Whether a node is linear, given which of its inputs depend on the sequence."""
    if name not in _LINEAR:
        return False
    if name == _QUOTIENT:
        return not of_input[1]
    return name in _SUMS or sum(of_input) <= 1
