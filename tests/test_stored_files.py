"""Files that a storage plugin keeps: rules expand their names, not their copies."""

from types import SimpleNamespace

import pytest
from snakemake.io import flag

from proofread.configuration.stored_files import as_written

COPY = ".snakemake/storage/fs/mnt/run/results/{dataset}/dataset.h5"


def stored(query):
    return flag(COPY, "storage_object", SimpleNamespace(query=query))


@pytest.mark.parametrize("prefix", ["/mnt/run", "/mnt/run/"])
def test_a_stored_file_has_the_name_that_its_rule_gives_it(prefix):
    files = [stored("/mnt/run/results/{dataset}/dataset.h5")]
    assert as_written(files, prefix) == ["results/{dataset}/dataset.h5"]


def test_a_file_beside_snakemake_and_an_input_function_stay_as_they_are():
    def chosen(wildcards):
        return []

    assert as_written(["results/a.tsv", chosen], None) == ["results/a.tsv", chosen]
