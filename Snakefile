"""The workflow as it runs in this folder; it is described in workflow/Snakefile."""


include: "workflow/Snakefile"


# An included file cannot say what is made by default.
rule default:
    """Everything the configuration asks for, as rule all."""
    default_target: True
    input:
        rules.all.input,
