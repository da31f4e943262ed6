# The compiled kernel offers what the plain one does, with one behaviour; `tests` hold it to this.
from autograd.plain.parts import APPLY as APPLY
from autograd.plain.parts import LISTS as LISTS
from autograd.plain.parts import NODE as NODE
from autograd.plain.parts import attach as attach
from autograd.plain.parts import gather as gather
from autograd.plain.parts import nodes_of as nodes_of
from autograd.plain.parts import scatter as scatter
from autograd.plain.parts import set_call as set_call
from autograd.plain.parts import unattach as unattach
from autograd.plain.value import Value as Value
from autograd.plain.value import constant as constant
from autograd.plain.value import loaded as loaded
from autograd.plain.value import operand as operand
from autograd.plain.value import restore as restore
from autograd.plain.value import watched as watched
