# The C types of `call_parts.py`, which is compiled with them.

cimport cython

cdef int OTHER, RESULTS, VALUE_AND_RESULTS, VALUE, AS_IT_IS, NUMBER, TURNED, MOVED, OWN
cdef double LARGEST_SUM
cdef int ENGINE, FORWARD, WITH_GRADIENTS, ALONE, LISTED, GUARDED
cdef object FLOAT, ARRAY, DOUBLE, VDOT, ERRSTATE

cdef extern from "numpy_array.h":
    ctypedef class numpy.ndarray [object NumpyArray, check_size ignore]:
        cdef int ndim
        cdef Py_ssize_t* shape
        cdef object dtype


cdef class Reader:
    cdef object thing
    cdef bint compares
    cpdef bint read(self, thing, list out) except -1

cdef class NumberReader(Reader):
    cdef bint whole
    cpdef bint read(self, thing, list out) except -1

cdef class ArrayReader(Reader):
    cdef tuple shape
    cdef bint whole, batch
    @cython.locals(array=ndarray)
    cpdef bint read(self, thing, list out) except -1

@cython.locals(axis=cython.int, length=cython.Py_ssize_t)
cdef bint has_shape(ndarray array, tuple shape, int first) except -1

cdef class ListReader(Reader):
    cdef tuple shape
    cpdef bint read(self, thing, list out) except -1

cdef class SequenceReader(Reader):
    cdef object cls
    cdef list children
    cpdef bint read(self, thing, list out) except -1

cdef class DictReader(SequenceReader):
    cdef tuple keys
    cpdef bint read(self, thing, list out) except -1

cdef class NodeReader(SequenceReader):
    cdef object flatten, data
    cpdef bint read(self, thing, list out) except -1

cdef bint is_full(thing, tuple shape, int axis) except -1

@cython.locals(i=cython.int, reader=Reader)
cdef bint read_each(list readers, things, list out) except -1


cdef class Writer:
    cdef object thing
    cpdef write(self, found, Py_ssize_t count)

cdef class NumberWriter(Writer):
    cdef int place
    cpdef write(self, found, Py_ssize_t count)

cdef class ArrayWriter(Writer):
    cdef int place
    cdef tuple shape
    cdef bint is_list, keeps
    cpdef write(self, found, Py_ssize_t count)

cdef class SampleWriter(Writer):
    cdef int place
    cdef tuple shape
    cdef bint sample, batched
    cdef object placed
    cpdef write(self, found, Py_ssize_t count)

cdef class SequenceWriter(Writer):
    cdef object build
    cdef list children
    @cython.locals(child=Writer)
    cpdef write(self, found, Py_ssize_t count)

cdef class DictWriter(SequenceWriter):
    cdef tuple keys
    @cython.locals(made=dict, child=Writer, i=cython.int)
    cpdef write(self, found, Py_ssize_t count)

cdef class AllWriter(Writer):
    cpdef write(self, found, Py_ssize_t count)


cdef class ArrayCall:
    cdef Reader reader
    cdef list batches, checks, wholes, kinds, sources, floats, outcomes
    cdef object check, parameters, run, cuts
    cdef int layout
    cdef bint is_exact
    cdef int returns
    cdef Writer writer
    cdef public object branches
    cdef public int failed
    cdef double most
    cdef object limited, enlarge
    cdef ArrayCall larger
    @cython.locals(i=cython.int, count=cython.Py_ssize_t)
    cdef Py_ssize_t counted(self, list given) except -2
    cdef many(self, args)
    @cython.locals(end=cython.Py_ssize_t)
    cdef tuple listed(self, list found)
    @cython.locals(kind=cython.int, source=cython.int, i=cython.int)
    cdef list numbers(self, list given, own)
    cdef list own(self)
    @cython.locals(layout=cython.int)
    cdef tuple ran(self, list numbers)
    cdef bint is_accepted(self, tuple found, list given, own) except -1
    @cython.locals(i=cython.int)
    cdef bint holds(self, said) except -1
    @cython.locals(number=cython.double, size=cython.double, i=cython.int)
    cdef bint is_sound(self, value, results, list given, own) except -1

@cython.locals(number=cython.double)
cdef double square_sum(array) except? -1
