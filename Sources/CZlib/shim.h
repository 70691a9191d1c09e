// The system's zlib; the module map links it.
#include <zlib.h>
