#include "arguments.h"

#include <string.h>

static int count;
static char **arguments;

// The C library passes the arguments of main to constructors, too.
__attribute__((constructor)) static void remember(int argc, char **argv) {
  count = argc;
  arguments = argv;
}

int carguments_hide(const char *prefix) {
  int changed = 0;
  for (int index = 1; index < count; index++) {
    char *start = strstr(arguments[index], prefix);
    if (start == 0) continue;
    memset(start, 'x', strlen(start));
    changed++;
  }
  return changed;
}
