"""An import contract that import-linter lacks: a package may import these modules *only*."""

from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class OnlyContract(Contract):
    """`source` and everything below it import nothing but `allowed` and what lies below those.

    A `forbidden` contract has to name every library that may ever be installed; the schema needs the opposite,
    so that a convenient import does not quietly become something every service must carry.
    """

    source: Any = fields.StringField()
    allowed: Any = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002  # import-linter's signature
        """Find every direct import that leaves the allowed modules."""
        strangers = sorted(
            (importer, imported)
            for importer in {self.source, *graph.find_descendants(self.source)}
            for imported in graph.find_modules_directly_imported_by(importer)
            if not any(imported == name or imported.startswith(f"{name}.") for name in self.allowed)
        )
        return ContractCheck(kept=not strangers, metadata={"strangers": strangers})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each import that is one too many."""
        strangers: list[tuple[str, str]] = dict[str, Any](check.metadata)["strangers"]
        for importer, imported in strangers:
            output.print_error(f"{importer} imports {imported}; it may import only: {', '.join(self.allowed)}")
