/* The driver's virtual memory management, on which expandable segments stand: physical memory is made (and charged), mapped
 * into reserved addresses, unmapped and released. Memory is given back when no handle and no mapping holds it. */
#include "standin.h"
#include "cuda_abi.h"
#include <pthread.h>

struct memory { uint64_t bytes; int device, handles, mappings; struct allocation_prop prop; };
struct mapping { struct st_range range; struct memory *memory; };
static struct mapping *mappings;                   /* in no order: a pool maps pages of 2 or 20 MiB */
static size_t count, room;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void release_unheld(struct memory *m) {     /* under the lock */
    if (m->handles > 0 || m->mappings > 0) return;
    st_discharge(m->device, m->bytes);
    free(m);
}

#pragma GCC visibility push(default)
result cuMemGetAllocationGranularity(size_t *n, const struct allocation_prop *p, int flags) { (void)p, (void)flags; *n = ST_GRANULE; return OK; }
result cuMemAddressReserve(device_ptr *p, size_t n, size_t align, device_ptr wish, unsigned long long f) {
    (void)wish, (void)f;
    if (st_ready()) return NOT_INITIALIZED;
    *p = (device_ptr)st_reserve(n, align);
    return *p ? OK : OUT_OF_MEMORY;
}
result cuMemAddressFree(device_ptr p, size_t n) { (void)n; return st_unreserve((void *)p) ? INVALID_VALUE : OK; }

result cuMemCreate(uint64_t *handle, size_t n, const struct allocation_prop *p, unsigned long long f) {
    static int once;
    (void)f;
    if (st_ready()) return NOT_INITIALIZED;
    if (p->location.type != LOCATION_DEVICE) return st_unsupported("cuMemCreate of host memory", &once, NOT_SUPPORTED);
    if (p->location.id < 0 || p->location.id >= st_settings.visible || n % ST_GRANULE) return INVALID_VALUE;
    int device = st_host_device(p->location.id);
    struct memory *m = calloc(1, sizeof *m);
    if (!m || st_charge(device, n)) {
        free(m);
        st_log(2, "device %d: %zu bytes refused (cuMemCreate)", device, n);
        return OUT_OF_MEMORY;
    }
    *m = (struct memory){ n, device, 1, 0, *p };
    *handle = (uint64_t)m;
    return OK;
}
result cuMemRelease(uint64_t handle) {
    struct memory *m = (struct memory *)handle;
    pthread_mutex_lock(&lock);
    m->handles--;
    release_unheld(m);
    pthread_mutex_unlock(&lock);
    return OK;
}
result cuMemMap(device_ptr at, size_t n, size_t offset, uint64_t handle, unsigned long long f) {
    (void)offset, (void)f;
    result r = OK;
    pthread_mutex_lock(&lock);
    if (count == room) {
        size_t larger = room ? room * 2 : 256;
        struct mapping *grown = realloc(mappings, larger * sizeof *grown);
        if (grown) mappings = grown, room = larger;
    }
    if (count < room) {
        struct memory *m = (struct memory *)handle;
        m->mappings++;
        mappings[count++] = (struct mapping){ { at, n, 0, m->device, ST_RESERVED }, m };
    } else r = OUT_OF_MEMORY;
    pthread_mutex_unlock(&lock);
    return r;
}
result cuMemSetAccess(device_ptr at, size_t n, const struct access_desc *d, size_t devices) { (void)at, (void)n, (void)d, (void)devices; return OK; }
result cuMemUnmap(device_ptr at, size_t n) {
    int found = 0;
    if (st_is_bad_fork()) return OK;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < count;)
        if (mappings[i].range.base >= at && mappings[i].range.base + mappings[i].range.size <= at + n) {
            struct memory *m = mappings[i].memory;
            mappings[i] = mappings[--count];
            m->mappings--;
            release_unheld(m);
            found = 1;
        } else i++;
    pthread_mutex_unlock(&lock);
    if (found) st_forget((void *)at, n);
    return found ? OK : INVALID_VALUE;
}
result cuMemRetainAllocationHandle(uint64_t *handle, void *p) {
    result r = INVALID_VALUE;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < count && r; i++)
        if ((uint64_t)p >= mappings[i].range.base && (uint64_t)p < mappings[i].range.base + mappings[i].range.size) {
            mappings[i].memory->handles++;
            *handle = (uint64_t)mappings[i].memory;
            r = OK;
        }
    pthread_mutex_unlock(&lock);
    return r;
}
result cuMemGetAllocationPropertiesFromHandle(struct allocation_prop *p, uint64_t handle) { *p = ((struct memory *)handle)->prop; return OK; }
result cuMemExportToShareableHandle(void *out, uint64_t handle, int type, unsigned long long f) {
    static int once;
    (void)out, (void)handle, (void)type, (void)f;
    return st_unsupported("cuMemExportToShareableHandle", &once, NOT_SUPPORTED);
}
result cuMemImportFromShareableHandle(uint64_t *handle, void *from, int type) {
    static int once;
    (void)handle, (void)from, (void)type;
    return st_unsupported("cuMemImportFromShareableHandle", &once, NOT_SUPPORTED);
}
