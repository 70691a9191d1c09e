// zlib as its Debian package installs it; the module map links it.
#include <zlib.h>
