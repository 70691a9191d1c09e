// The slow paths of Swift's Mutex, made visible to ThreadSanitizer.
//
// Synchronization.Mutex is locked and unlocked by code in the program if no thread waits, which the
// sanitizer sees. If one waits, the Swift runtime does it with a futex, and that library has no
// instrumentation: without these definitions the sanitizer would report races between threads that
// the mutex orders. The linker takes them for the program and the tests instead of the library's,
// and each calls the library's own.

#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

void __tsan_acquire(void *) __attribute__((weak));
void __tsan_release(void *) __attribute__((weak));

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *

typedef SWIFT void (*LockSlow)(uint32_t, SELF);
typedef SWIFT void (*UnlockSlow)(SELF);

// Mutex._Handle: _lockSlow(UInt32) and _unlockSlow().
#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

static void *next(const char *name) {
  void *function = dlsym(RTLD_NEXT, name);
  if (!function) abort();
  return function;
}

SWIFT void lockSlow(uint32_t thread, SELF handle) __asm__(LOCK_SLOW);
SWIFT void unlockSlow(SELF handle) __asm__(UNLOCK_SLOW);

SWIFT void lockSlow(uint32_t thread, SELF handle) {
  ((LockSlow)next(LOCK_SLOW))(thread, handle);
  if (__tsan_acquire) __tsan_acquire(handle);
}

SWIFT void unlockSlow(SELF handle) {
  if (__tsan_release) __tsan_release(handle);
  ((UnlockSlow)next(UNLOCK_SLOW))(handle);
}
