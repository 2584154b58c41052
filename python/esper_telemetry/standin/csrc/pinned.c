/* Page-locked host memory: ordinary pages, remembered so that CUDA can answer what a pointer is. */
#include "standin.h"
#include <pthread.h>
#include <sys/mman.h>

enum { ALLOCATED = 1, REGISTERED = 2 };
static struct st_ranges pinned;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int add(void *p, size_t bytes, int kind) {
    struct st_range r = { (uint64_t)p, bytes, 0, -1, kind };
    pthread_mutex_lock(&lock);
    size_t i = st_ranges_after(&pinned, r.base);
    int refused = (i < pinned.count && pinned.at[i].base < r.base + r.size) || st_ranges_add(&pinned, r);
    pthread_mutex_unlock(&lock);
    return refused ? -1 : 0;
}

static size_t drop(void *p, int kind) {
    size_t bytes = 0;
    pthread_mutex_lock(&lock);
    size_t i = st_ranges_after(&pinned, (uint64_t)p);
    if (i < pinned.count && pinned.at[i].base == (uint64_t)p && pinned.at[i].kind == kind) {
        bytes = pinned.at[i].size;
        st_ranges_remove(&pinned, i);
    }
    pthread_mutex_unlock(&lock);
    return bytes;
}

void *st_pin(size_t bytes) {
    size_t whole = st_round_up(bytes ? bytes : 1, ST_PAGE);
    if (whole < bytes) return NULL;
    void *p = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return NULL;
    if (add(p, whole, ALLOCATED)) { munmap(p, whole); return NULL; }
    return p;
}

int st_unpin(void *p) {
    size_t bytes = drop(p, ALLOCATED);
    if (bytes) munmap(p, bytes);
    return bytes ? 0 : -1;
}

int st_pin_register(void *p, size_t bytes) { return bytes ? add(p, bytes, REGISTERED) : -1; }
int st_pin_unregister(void *p) { return drop(p, REGISTERED) ? 0 : -1; }

int st_is_pinned(const void *p) {
    pthread_mutex_lock(&lock);
    int r = st_ranges_holding(&pinned, (uint64_t)p) != NULL;
    pthread_mutex_unlock(&lock);
    return r;
}
