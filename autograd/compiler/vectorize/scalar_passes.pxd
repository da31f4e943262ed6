# The C types of `scalar_passes.py`, which is compiled with them.

cimport cython

cdef int NONE, ABSENT, SUM, MAX_SCALED, MAX_SOURCES
cdef int ROLE_CALL, ROLE_LEAF, ROLE_CONSTANT, ROLE_MUL, ROLE_SQUARE, ROLE_WHERE
cdef int ROLE_ADD, ROLE_SUB, ROLE_NEG, ROLE_SUM, ROLE_MEAN, ROLE_DOT
cdef int WAITING_SUM, WAITING_PRODUCT


cdef class Pass:
    cpdef use(self, arrays)


cdef class Canonicalizer(Pass):
    cdef public const signed char[::1] roles
    cdef public const short[::1] codes
    cdef public const int[::1] starts, inputs, uses
    cdef public const double[::1] numbers
    cdef public const long long[::1] bits
    cdef public const unsigned char[::1] is_root
    cdef public unsigned char[::1] constant
    cdef public signed char[::1] state
    cdef public int[::1] same, kind, head, tail, length, x, y, after, table
    cdef public double[::1] coefficient
    cdef long long mask
    cdef int cells, first, last, size

    @cython.locals(i=cython.int, k=cython.int, role=cython.int, begin=cython.int, end=cython.int, fixed=cython.int)
    cpdef run(self)
    @cython.locals(bits=cython.longlong, key=cython.longlong, place=cython.longlong, other=cython.int)
    cdef void add_constant(self, int i) noexcept
    @cython.locals(count=cython.int, half=cython.int, k=cython.int, cell=cython.int, scale=cython.double)
    cdef void add_terms(self, int i, int role, int begin, int end) noexcept
    @cython.locals(cell=cython.int)
    cdef void absorb(self, double c, int j, int k) noexcept
    cdef void join(self, int head, int tail, int size) noexcept
    @cython.locals(cell=cython.int)
    cdef int new_cell(self, double c, int j, int k) noexcept
    @cython.locals(j=cython.int, k=cython.int, cell=cython.int, once=cython.bint)
    cdef void add_call(self, int i, int role, int begin, int end) noexcept
    @cython.locals(state=cython.int)
    cdef int settle(self, int j) noexcept
    @cython.locals(key=cython.longlong, place=cython.longlong, cell=cython.int, other=cython.int)
    cdef void merge(self, int i, int kind) noexcept
    cdef bint is_equal(self, int a, int b) noexcept
    @cython.locals(count=cython.int, cells=cython.int, r=cython.int, top=cython.int, node=cython.int, cell=cython.int, k=cython.int)
    cpdef reach(
        self, const int[::1] roots, int[::1] order, int[::1] begin, unsigned char[::1] seen,
        int[::1] stack, double[::1] coefficient, int[::1] x, int[::1] y,
    )


@cython.locals(i=cython.int)
cpdef count_uses(const int[::1] inputs, int[::1] uses)

@cython.locals(i=cython.int, node=cython.int, first=cython.int, end=cython.int, k=cython.int)
cpdef mark_deciding(
    const int[::1] order, const int[::1] kind, const int[::1] begin, const int[::1] length,
    const int[::1] x, const int[::1] y, const signed char[::1] choosing, unsigned char[::1] found,
)

@cython.locals(i=cython.int, node=cython.int, k=cython.int)
cpdef mark_samples(
    const int[::1] order, const int[::1] kind, const int[::1] begin, const int[::1] length,
    const int[::1] x, const int[::1] y, unsigned char[::1] sample,
)

@cython.locals(i=cython.int, node=cython.int, k=cython.int, d=cython.int)
cpdef find_levels(
    const int[::1] order, const int[::1] kind, const int[::1] begin, const int[::1] length,
    const int[::1] x, const int[::1] y, int[::1] depth,
)


cdef class Packer(Pass):
    cdef public const int[::1] kind, begin, length, x, y
    cdef public const double[::1] coefficient
    cdef public int[::1] source
    cdef public const unsigned char[::1] sample, deciding
    cdef public const signed char[::1] splits
    cdef public int[::1] key_begin, part_begin, part_y, part_size, part_left, cell_part, own_x, own_y
    cdef public int[::1] cell_begin, group, group_first, group_size, table, members
    cdef public int[::1] key_x, key_y, lengths, xs, ys
    cdef public double[::1] key_c, part_c
    cdef int keys, parts, cells, count, key_count, row, cell, segment

    @cython.locals(total=cython.int, room=cython.int, k=cython.int, t=cython.int, i=cython.int)
    cpdef int pack(self, const int[::1] nodes, int start, int end)
    @cython.locals(
        first=cython.int, size=cython.int, keys=cython.int, base=cython.int, count=cython.int, found=cython.int, k=cython.int, c=cython.double, a=cython.int,
        b=cython.int, sa=cython.longlong, sb=cython.longlong,
    )
    cdef void split_sum(self, int node, int t) noexcept
    cdef bint is_key(self, int place, double c, long long a, long long b) noexcept
    @cython.locals(
        keys=cython.int, base=cython.int, first=cython.int, place=cython.int, p=cython.int, k=cython.int, a=cython.int, b=cython.int, sa=cython.longlong,
        sb=cython.longlong,
    )
    cdef void place_cells(self, int node, int count, int size) noexcept
    @cython.locals(keys=cython.int, place=cython.int, made=cython.int, p=cython.int, q=cython.int, c=cython.double, single=cython.bint, begin=cython.int)
    cdef void mix(self, int count) noexcept
    @cython.locals(first=cython.int, size=cython.int, base=cython.int, split=cython.int, k=cython.int)
    cdef void split_call(self, int node, int t) noexcept
    @cython.locals(begin=cython.int, count=cython.int, found=cython.int, k=cython.int, place=cython.longlong)
    cdef void add_row(self, int number, int first, int end) noexcept
    @cython.locals(key=cython.longlong, place=cython.longlong, k=cython.int, g=cython.int)
    cdef void find_group(self, int t, int node, int mask) noexcept
    @cython.locals(other=cython.int, a=cython.int, b=cython.int, size=cython.int, k=cython.int, same=cython.bint)
    cdef bint is_alike(self, int node, int t, int u) noexcept
    @cython.locals(
        place=cython.int, g=cython.int, t=cython.int, cells=cython.int, rows=cython.int, first=cython.int, segments=cython.int, s=cython.int, m=cython.int,
        size=cython.int, start=cython.int, k=cython.int,
    )
    cdef void write(self, int total) noexcept
    @cython.locals(
        total=cython.longlong, made=cython.int, begin=cython.int, level=cython.int, count=cython.int, node=cython.int, g=cython.int, m=cython.int,
    )
    cpdef count_operations(
        self, const int[::1] nodes, const int[::1] ends, const unsigned char[::1] live, const signed char[::1] weights, int[::1] latest, int arrays,
        double most,
    )
    @cython.locals(
        first=cython.int, size=cython.int, kind=cython.int, is_live=cython.int, m=cython.int, start=cython.int, end=cython.int, total=cython.int,
        s=cython.int, is_scaled=cython.int, is_product=cython.int, is_list=cython.int, x_flows=cython.int, y_flows=cython.int, row=cython.int, width=cython.int,
        k=cython.int, a=cython.int, b=cython.int,
    )
    cdef int count_pack(
        self, int g, int node, const unsigned char[::1] live, const signed char[::1] weights, int[::1] latest, int shift,
    ) noexcept
    @cython.locals(place=cython.longlong)
    cdef bint is_second(self, int node, int[::1] latest, int shift, int reader) noexcept


@cython.locals(
    mask=cython.longlong, made=cython.int, i=cython.int, key=cython.longlong, k=cython.Py_ssize_t, place=cython.longlong, number=cython.int,
    j=cython.Py_ssize_t,
)
cpdef int number_rows(
    const long long[::1] flat, int count, int width, int[::1] table, int[::1] numbers,
)

@cython.locals(i=cython.int, a=cython.int, b=cython.int, made=cython.int)
cpdef int find_blocks(
    const int[::1] rows, const int[::1] columns, int[::1] parent, int[::1] number,
    int[::1] blocks,
)

@cython.locals(i=cython.int, role=cython.int, inner=cython.int, begin=cython.int, end=cython.int, count=cython.longlong, deepest=cython.int, d=cython.int, j=cython.int, k=cython.int, total=cython.int, shift=cython.int, known=cython.longlong)
cpdef int count_least(
    const signed char[::1] roles, const short[::1] codes, const int[::1] starts,
    const int[::1] inputs, int[::1] uses, const unsigned char[::1] live, int[::1] depth,
    signed char[::1] counts, unsigned long long[::1] packs,
)

@cython.locals(i=cython.int, k=cython.int)
cpdef mark_reached(
    const signed char[::1] stops, const short[::1] codes, const int[::1] starts,
    const int[::1] inputs, int last, unsigned char[::1] found,
)


cdef int DONE, FULL, RESULT, RECENT


cdef class Differentiator(Pass):
    cdef public int[::1] codes, starts, inputs, rule, at, cotangent, mark, order, stack, child
    cdef public int[::1] partials, local, table
    cdef public double[::1] numbers
    cdef public const int[::1] known, rule_begin, rule_codes, rule_starts, rule_inputs, given_begin, given
    cdef public const double[::1] rule_numbers
    cdef public const unsigned char[::1] is_general
    cdef public int size, edges
    cdef int constant, mul, add, width, used, stamp, count, left, sharing
    cdef long long mask

    cpdef move(self, arrays)
    @cython.locals(i=cython.int)
    cpdef share(self)
    @cython.locals(begin=cython.int, count=cython.int, key=cython.longlong, place=cython.longlong, k=cython.int, other=cython.int, first=cython.int)
    cdef int enter(self, int i) noexcept
    @cython.locals(i=cython.int, other=cython.int)
    cdef int node(self, int code) noexcept
    @cython.locals(i=cython.int, k=cython.int)
    cpdef int number(self, double x)
    cdef int sum(self, int x, int y) noexcept
    @cython.locals(number=cython.double)
    cdef int product(self, int x, int y) noexcept
    @cython.locals(k=cython.int)
    cpdef begin(self, int root, int seed, const int[::1] leaves)
    @cython.locals(depth=cython.int, i=cython.int, j=cython.int, k=cython.int)
    cdef void walk(self, int root) noexcept
    @cython.locals(i=cython.int, j=cython.int, k=cython.int, at=cython.int, cotangent=cython.int, term=cython.int)
    cpdef int run(self)
    @cython.locals(nodes=cython.int, edges=cython.int, first=cython.int, end=cython.int)
    cdef bint has_room(self, int rule, int count) noexcept
    @cython.locals(begin=cython.int, end=cython.int, k=cython.int, rule=cython.int)
    cdef bint find(self, int i) noexcept
    @cython.locals(rule=cython.int, begin=cython.int, first=cython.int, r=cython.int, k=cython.int)
    cdef void apply(self, int i) noexcept
    cdef int meant(self, int place, int i, int begin) noexcept
