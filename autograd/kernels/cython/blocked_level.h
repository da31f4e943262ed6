/* All of the executor for one instruction set; included by blocked.h. */

#include "blocked_math.h"
#include "blocked_operations.h" /* generated: a loop each operation, and the matrix kernels */
#include "blocked_records.h"

#undef BITS
#undef OF_BITS
#undef LESS
#undef EQUAL
#undef SELECT
#undef SPLAT
#undef ROW_FUNCTION
#undef vec
#undef bits
#undef LEVEL
#undef LANES
