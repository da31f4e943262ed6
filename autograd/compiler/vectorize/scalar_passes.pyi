from typing import Any, TypeAlias

Numbers: TypeAlias = Any  # a list, or an array of the type that scalar_passes.pxd declares

NONE: int
ABSENT: int
SUM: int
MAX_SCALED: int
MAX_SOURCES: int
ROLE_CALL: int
ROLE_LEAF: int
ROLE_CONSTANT: int
ROLE_MUL: int
ROLE_SQUARE: int
ROLE_WHERE: int
ROLE_ADD: int
ROLE_SUB: int
ROLE_NEG: int
ROLE_SUM: int
ROLE_MEAN: int
ROLE_DOT: int
WAITING_SUM: int
WAITING_PRODUCT: int

class Canonicalizer:
    def __init__(
        self,
        roles: Numbers,
        codes: Numbers,
        starts: Numbers,
        inputs: Numbers,
        numbers: Numbers,
        bits: Numbers,
        uses: Numbers,
        is_root: Numbers,
        same: Numbers,
        constant: Numbers,
        kind: Numbers,
        state: Numbers,
        head: Numbers,
        tail: Numbers,
        length: Numbers,
        coefficient: Numbers,
        x: Numbers,
        y: Numbers,
        after: Numbers,
        table: Numbers,
    ) -> None: ...
    def run(self) -> None: ...
    def reach(
        self,
        roots: Numbers,
        order: Numbers,
        begin: Numbers,
        seen: Numbers,
        stack: Numbers,
        coefficient: Numbers,
        x: Numbers,
        y: Numbers,
    ) -> tuple[int, int]: ...

def count_uses(inputs: Numbers, uses: Numbers) -> None: ...
def mark_deciding(
    order: Numbers,
    kind: Numbers,
    begin: Numbers,
    length: Numbers,
    x: Numbers,
    y: Numbers,
    choosing: Numbers,
    found: Numbers,
) -> None: ...
def mark_samples(
    order: Numbers,
    kind: Numbers,
    begin: Numbers,
    length: Numbers,
    x: Numbers,
    y: Numbers,
    sample: Numbers,
) -> None: ...
def find_levels(
    order: Numbers,
    kind: Numbers,
    begin: Numbers,
    length: Numbers,
    x: Numbers,
    y: Numbers,
    depth: Numbers,
    ends: Numbers,
) -> int: ...
def sort_levels(
    order: Numbers, kind: Numbers, depth: Numbers, places: Numbers, nodes: Numbers
) -> None: ...

class Packer:
    def __init__(
        self,
        kind: Numbers,
        begin: Numbers,
        length: Numbers,
        coefficient: Numbers,
        x: Numbers,
        y: Numbers,
        source: Numbers,
        sample: Numbers,
        deciding: Numbers,
        splits: Numbers,
        key_begin: Numbers,
        key_c: Numbers,
        key_x: Numbers,
        key_y: Numbers,
        part_begin: Numbers,
        part_c: Numbers,
        part_y: Numbers,
        part_size: Numbers,
        part_left: Numbers,
        cell_part: Numbers,
        own_x: Numbers,
        own_y: Numbers,
        cell_begin: Numbers,
        group: Numbers,
        group_first: Numbers,
        group_size: Numbers,
        table: Numbers,
        members: Numbers,
        lengths: Numbers,
        xs: Numbers,
        ys: Numbers,
    ) -> None: ...
    def pack(self, nodes: Numbers, start: int, end: int) -> int: ...
    def count_operations(
        self,
        nodes: Numbers,
        ends: Numbers,
        live: Numbers,
        weights: Numbers,
        latest: Numbers,
        arrays: int,
        most: float,
    ) -> tuple[int, int]: ...

def number_rows(flat: Numbers, count: int, width: int, table: Numbers, numbers: Numbers) -> int: ...
def find_blocks(
    rows: Numbers, columns: Numbers, parent: Numbers, number: Numbers, blocks: Numbers
) -> int: ...
def rank_rows(
    rows: Numbers, blocks: Numbers, first: Numbers, made: Numbers, ranks: Numbers
) -> None: ...
def count_least(
    roles: Numbers,
    codes: Numbers,
    starts: Numbers,
    inputs: Numbers,
    uses: Numbers,
    live: Numbers,
    depth: Numbers,
    counts: Numbers,
    packs: Numbers,
) -> int: ...
def mark_reached(
    stops: Numbers, codes: Numbers, starts: Numbers, inputs: Numbers, last: int, found: Numbers
) -> None: ...

DONE: int
FULL: int
RESULT: int
RECENT: int

class Differentiator:
    size: int
    edges: int
    def __init__(
        self, size: int, edges: int, constant: int, mul: int, add: int, width: int
    ) -> None: ...
    def use(
        self,
        codes: Numbers,
        starts: Numbers,
        inputs: Numbers,
        numbers: Numbers,
        rule: Numbers,
        at: Numbers,
        cotangent: Numbers,
        mark: Numbers,
        order: Numbers,
        stack: Numbers,
        child: Numbers,
        partials: Numbers,
        local: Numbers,
        table: Numbers,
    ) -> None: ...
    def learn(
        self,
        known: Numbers,
        rule_begin: Numbers,
        rule_codes: Numbers,
        rule_starts: Numbers,
        rule_inputs: Numbers,
        rule_numbers: Numbers,
        given_begin: Numbers,
        given: Numbers,
        is_general: Numbers,
    ) -> None: ...
    def share(self) -> None: ...
    def number(self, x: float) -> int: ...
    def begin(self, root: int, seed: int, leaves: Numbers) -> None: ...
    def run(self) -> int: ...
    def keep(self, needed: Numbers) -> None: ...
