# The compiled kernel offers what the plain one does, with one behaviour; `tests` hold it to this.
from autograd.plain import Value as Value
from autograd.plain import constant as constant
from autograd.plain import loaded as loaded
from autograd.plain import operand as operand
from autograd.plain import restore as restore
from autograd.plain import watched as watched
from autograd.plain_parts import APPLY as APPLY
from autograd.plain_parts import LISTS as LISTS
from autograd.plain_parts import NODE as NODE
from autograd.plain_parts import attach as attach
from autograd.plain_parts import gather as gather
from autograd.plain_parts import nodes_of as nodes_of
from autograd.plain_parts import scatter as scatter
from autograd.plain_parts import set_call as set_call
from autograd.plain_parts import unattach as unattach
