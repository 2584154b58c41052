/* cudaMallocAsync: one pool a device. It takes memory from the device in steps of 32 MiB and keeps what it has up to its
 * release threshold; blocks are not placed inside the steps, so a pool here never fragments. */
#include "standin.h"
#include "cuda_abi.h"
#include <pthread.h>

#define STEP (32ull << 20)
#define ALIGN 512ull

static struct { uint64_t threshold, used, used_high, reserved, reserved_high; } pools[ST_DEVICES];
static struct st_ranges blocks;                    /* of all pools; charge: bytes used */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static pool_t pool_handle(int device) { return (pool_t)(uint64_t)(0x7000 + device); }
static int pool_device(pool_t p) {
    uint64_t device = (uint64_t)p - 0x7000;
    return device < ST_DEVICES ? (int)device : 0;
}

static void trim(int d, uint64_t keep) {
    uint64_t least = st_round_up(pools[d].used > keep ? pools[d].used : keep, STEP);
    if (least >= pools[d].reserved) return;
    st_discharge(d, pools[d].reserved - least);
    pools[d].reserved = least;
}

#pragma GCC visibility push(default)
result cudaDeviceGetDefaultMemPool(pool_t *p, int ordinal) {
    if (st_ready()) return st_ready();
    if (ordinal < 0 || ordinal >= st_settings.visible) return st_error(INVALID_DEVICE);
    *p = pool_handle(st_host_device(ordinal));
    return OK;
}
result cudaDeviceGetMemPool(pool_t *p, int ordinal) { return cudaDeviceGetDefaultMemPool(p, ordinal); }
result cudaMemPoolSetAccess(pool_t p, const void *descriptions, size_t n) { (void)p, (void)descriptions, (void)n; return OK; }

result cudaMemPoolSetAttribute(pool_t p, int attribute, void *v) {
    int d = pool_device(p);
    pthread_mutex_lock(&lock);
    if (attribute == POOL_RELEASE_THRESHOLD) memcpy(&pools[d].threshold, v, 8);
    if (attribute == POOL_RESERVED_HIGH) pools[d].reserved_high = pools[d].reserved;
    if (attribute == POOL_USED_HIGH) pools[d].used_high = pools[d].used;
    pthread_mutex_unlock(&lock);
    return OK;
}
result cudaMemPoolGetAttribute(pool_t p, int attribute, void *v) {
    int d = pool_device(p), yes = 1;
    pthread_mutex_lock(&lock);
    switch (attribute) {
    case POOL_RELEASE_THRESHOLD: memcpy(v, &pools[d].threshold, 8); break;
    case POOL_RESERVED: memcpy(v, &pools[d].reserved, 8); break;
    case POOL_RESERVED_HIGH: memcpy(v, &pools[d].reserved_high, 8); break;
    case POOL_USED: memcpy(v, &pools[d].used, 8); break;
    case POOL_USED_HIGH: memcpy(v, &pools[d].used_high, 8); break;
    default: memcpy(v, &yes, 4);                   /* ways to reuse: all on */
    }
    pthread_mutex_unlock(&lock);
    return OK;
}
result cudaMemPoolTrimTo(pool_t p, size_t keep) {
    pthread_mutex_lock(&lock);
    trim(pool_device(p), keep);
    pthread_mutex_unlock(&lock);
    return OK;
}

result cudaMallocAsync(void **p, size_t n, stream_t s) {
    (void)s;
    *p = NULL;
    if (st_ready()) return st_ready();
    int d = st_host_device(st_current);
    uint64_t bytes = st_round_up(n ? n : 1, ALIGN);
    if (bytes < n) return st_error(OUT_OF_MEMORY);
    pthread_mutex_lock(&lock);
    uint64_t need = st_round_up(pools[d].used + bytes, STEP);
    int refused = need > pools[d].reserved && st_charge(d, need - pools[d].reserved);
    if (!refused) {
        if (need > pools[d].reserved) pools[d].reserved = need;
        struct st_range block = { (uint64_t)st_reserve(bytes, ST_GRANULE), bytes, bytes, d, ST_MALLOC };
        refused = !block.base || st_ranges_add(&blocks, block);
        if (!refused) {
            *p = (void *)block.base;
            pools[d].used += bytes;
            if (pools[d].used > pools[d].used_high) pools[d].used_high = pools[d].used;
            if (pools[d].reserved > pools[d].reserved_high) pools[d].reserved_high = pools[d].reserved;
        } else trim(d, pools[d].threshold);
    }
    pthread_mutex_unlock(&lock);
    return refused ? st_error(OUT_OF_MEMORY) : OK;
}
result cudaFreeAsync(void *p, stream_t s) {
    (void)s;
    if (st_is_bad_fork()) return OK;
    pthread_mutex_lock(&lock);
    size_t i = st_ranges_after(&blocks, (uint64_t)p);
    int found = i < blocks.count && blocks.at[i].base == (uint64_t)p;
    if (found) {
        int d = blocks.at[i].device;
        pools[d].used -= blocks.at[i].charge;
        st_ranges_remove(&blocks, i);
        st_unreserve(p);
        if (pools[d].reserved > pools[d].threshold) trim(d, pools[d].threshold);
    }
    pthread_mutex_unlock(&lock);
    return found ? OK : st_error(INVALID_VALUE);
}
result cudaDeviceGetGraphMemAttribute(int d, int attribute, void *v) { (void)d, (void)attribute; memset(v, 0, 8); return OK; }
result cudaDeviceSetGraphMemAttribute(int d, int attribute, void *v) { (void)d, (void)attribute, (void)v; return OK; }
result cudaDeviceGraphMemTrim(int d) { (void)d; return OK; }
