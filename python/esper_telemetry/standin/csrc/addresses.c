/* Device addresses: one range of host addresses, readable and writable, whose pages exist only once something is written.
 * The order in which addresses are handed out decides ties between equal free blocks of PyTorch's allocator (and so,
 * at times, what it reserves); each order below repeats what a driver was seen to do.
 *   fall   Linux: arenas of multiples of 32 MiB, the highest first; small blocks in the room left of the newest arena
 *   rise   first fit from below
 *   wsl:N  Windows' driver model: first fit, with a hole of 188 MiB that opens after N allocations, of which the driver
 *          then takes 240 MiB elsewhere
 *   file   the offsets of a recording, one for each cudaMalloc */
#include "standin.h"
#include <pthread.h>
#include <sys/mman.h>

#define ARENA (32ull << 20)
#define HOLE (188ull << 20)
#define DRIVER_TAKES (240ull << 20)

static uint64_t low, high, reserved_low;           /* cudaMalloc: low to reserved_low; reservations: behind that */
static struct st_ranges blocks;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

struct arena { uint64_t base, size; int blocks; struct arena *older; };
static struct arena *newest;
static uint64_t allocations, hole;
static FILE *offsets;

int st_addresses_open(void) {
    /* 16 TiB hold any device; less where the process may not have so much (ulimit -v, sanitizers). */
    uint64_t size = 16ull << 40;
    void *p = MAP_FAILED;
    for (; size >= 8ull << 30; size /= 2) {
        p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (p != MAP_FAILED) break;
    }
    if (p == MAP_FAILED) {
        st_warn("no address space for the device's memory is left in this process; there is no device.");
        return -1;
    }
    madvise(p, size, MADV_NOHUGEPAGE);
    madvise(p, size, MADV_DONTDUMP);
    low = st_round_up((uint64_t)p, ST_GRANULE);
    high = (uint64_t)p + size;
    reserved_low = st_round_up(low + size / 4 * 3, ARENA);
    if (st_settings.order == ST_FILE && !(offsets = fopen(st_settings.order_file, "r"))) {
        st_warn("ESPER_STANDIN_ADDRESSES: %s cannot be read; there is no device.", st_settings.order_file);
        return -1;
    }
    return 0;
}

static uint64_t gap(uint64_t size) { return st_ranges_gap(&blocks, low, reserved_low, size, ST_GRANULE); }

static uint64_t fall(uint64_t size) {
    for (struct arena *a = newest; a; a = a->older) {
        uint64_t at = st_ranges_gap(&blocks, a->base, a->base + a->size, size, ST_GRANULE);
        if (at) { a->blocks++; return at; }
    }
    uint64_t want = st_round_up(size, ARENA), top = reserved_low / ARENA * ARENA;
    while (top >= low + want) {                    /* the highest place that no arena overlaps */
        uint64_t at = top - want, below = 0;
        for (struct arena *a = newest; a; a = a->older)
            if (a->base < top && a->base + a->size > at && (!below || a->base < below)) below = a->base;
        if (!below) {
            struct arena *a = malloc(sizeof *a);
            if (!a) return 0;
            *a = (struct arena){ at, want, 1, newest };
            newest = a;
            return at;
        }
        top = below;
    }
    return 0;
}

static void leave_arena(uint64_t base) {
    for (struct arena **q = &newest; *q; q = &(*q)->older)
        if (base >= (*q)->base && base < (*q)->base + (*q)->size) {
            struct arena *a = *q;
            if (!--a->blocks) { *q = a->older; free(a); }
            return;
        }
}

static void occupy(uint64_t base, uint64_t size) {
    st_ranges_add(&blocks, (struct st_range){ .base = base, .size = size, .device = -1, .kind = ST_RESERVED });
}

static uint64_t wsl(uint64_t size) {
    if (!allocations) occupy(hole = gap(HOLE), HOLE);
    if (allocations + 1 == (uint64_t)st_settings.hole_after) occupy(gap(ST_GRANULE), ST_GRANULE);
    if (allocations == (uint64_t)st_settings.hole_after) {
        occupy(gap(DRIVER_TAKES), DRIVER_TAKES);
        st_ranges_remove(&blocks, st_ranges_after(&blocks, hole));
    }
    return gap(size);
}

static uint64_t choose(uint64_t size) {
    unsigned long long offset;
    uint64_t at;
    switch (st_settings.order) {
    case ST_FALL: return fall(size);
    case ST_WSL: at = wsl(size); allocations++; return at;
    case ST_FILE:
        if (fscanf(offsets, "%llx", &offset) == 1) return st_round_up(low, 1ull << 32) + offset;
        return gap(size);
    default: return gap(size);
    }
}

void *st_malloc(int device, uint64_t size) {
    uint64_t whole = st_round_up(size, ST_GRANULE);
    if (whole < size || st_charge(device, whole)) {
        st_log(2, "device %d: %llu bytes refused", device, (unsigned long long)size);
        return NULL;
    }
    pthread_mutex_lock(&lock);
    uint64_t at = choose(whole);
    struct st_range block = { at, whole, whole, device, ST_MALLOC };
    if (at && st_ranges_add(&blocks, block)) at = 0;
    pthread_mutex_unlock(&lock);
    if (!at) st_discharge(device, whole);
    st_log(2, "device %d: %llu bytes at %llx", device, (unsigned long long)size, (unsigned long long)at);
    return (void *)at;
}

void *st_reserve(uint64_t size, uint64_t align) {
    if (align < ST_GRANULE) align = ST_GRANULE;
    size = st_round_up(size, ST_GRANULE);
    pthread_mutex_lock(&lock);
    uint64_t at = st_ranges_gap(&blocks, reserved_low, high, size, align);
    struct st_range range = { at, size, 0, -1, ST_RESERVED };
    if (at && st_ranges_add(&blocks, range)) at = 0;
    pthread_mutex_unlock(&lock);
    return (void *)at;
}

static int give_back(void *p, int kind) {
    struct st_range block = { 0 };
    pthread_mutex_lock(&lock);
    size_t i = st_ranges_after(&blocks, (uint64_t)p);
    if (i < blocks.count && blocks.at[i].base == (uint64_t)p && blocks.at[i].kind == kind) {
        block = blocks.at[i];
        st_forget(p, block.size);
        st_ranges_remove(&blocks, i);
        if (st_settings.order == ST_FALL && kind == ST_MALLOC) leave_arena(block.base);
    }
    pthread_mutex_unlock(&lock);
    if (!block.size) return -1;
    if (block.charge) st_discharge(block.device, block.charge);
    st_log(2, "device %d: %llu bytes given back at %p", block.device, (unsigned long long)block.size, p);
    return 0;
}

int st_free(void *p) { return give_back(p, ST_MALLOC); }
int st_unreserve(void *p) { return give_back(p, ST_RESERVED); }

int st_is_device(const void *p) { return (uint64_t)p >= low && (uint64_t)p < high; }

int st_find(const void *p, struct st_range *out) {
    pthread_mutex_lock(&lock);
    struct st_range *r = st_ranges_holding(&blocks, (uint64_t)p);
    if (r) *out = *r;
    pthread_mutex_unlock(&lock);
    return r != NULL;
}

void st_forget(void *p, uint64_t bytes) { madvise(p, bytes, MADV_DONTNEED); }
