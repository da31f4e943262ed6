# The compiled kernel offers what the plain one does, with one behaviour; `tests` hold it to this.
from autograd.kernels.python.codegen import NODE as NODE
from autograd.kernels.python.flat_graph import flatten as flatten
from autograd.kernels.python.flat_graph import mark_live as mark_live
from autograd.kernels.python.value import APPLY as APPLY
from autograd.kernels.python.value import LISTS as LISTS
from autograd.kernels.python.value import Recorder as Recorder
from autograd.kernels.python.value import Value as Value
from autograd.kernels.python.value import are_parameters as are_parameters
from autograd.kernels.python.value import attach as attach
from autograd.kernels.python.value import constant as constant
from autograd.kernels.python.value import get_data as get_data
from autograd.kernels.python.value import label_row as label_row
from autograd.kernels.python.value import loaded as loaded
from autograd.kernels.python.value import mark_traced as mark_traced
from autograd.kernels.python.value import nodes_of as nodes_of
from autograd.kernels.python.value import operand as operand
from autograd.kernels.python.value import restore as restore
from autograd.kernels.python.value import set_constant as set_constant
from autograd.kernels.python.value import set_data as set_data
from autograd.kernels.python.value import unattach as unattach
from autograd.kernels.python.value import watched as watched

TABLE_DIGEST: int
