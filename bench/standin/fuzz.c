/* Random work on the stand-in device, checked: threads that allocate, copy, map and free by every call there is; neighbours that
 * are killed with -9 at any moment; children that are forked in the middle. At rest the ledger must hold what was tracked.
 *
 *     fuzz SEED SECONDS THREADS NEIGHBOURS
 *
 * Compiled with the device's own sources (fuzz.py does it), without PyTorch. Ends with a line of what was done, or aborts. */
#include "../../python/esper_telemetry/standin/csrc/standin.h"
#include "../../python/esper_telemetry/standin/csrc/cuda_abi.h"
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

result cudaSetDevice(int), cudaMalloc(void **, size_t), cudaFree(void *), cudaMemGetInfo(size_t *, size_t *), cudaMallocAsync(void **, size_t, stream_t),
    cudaFreeAsync(void *, stream_t), cudaHostAlloc(void **, size_t, unsigned), cudaFreeHost(void *), cudaHostRegister(void *, size_t, unsigned),
    cudaHostUnregister(void *), cudaMemcpy(void *, const void *, size_t, int), cudaMemset(void *, int, size_t), cudaDeviceGetDefaultMemPool(pool_t *, int),
    cudaMemPoolTrimTo(pool_t, size_t), cudaMemPoolGetAttribute(pool_t, int, void *), cudaStreamCreate(stream_t *), cudaStreamDestroy(stream_t),
    cudaStreamBeginCapture(stream_t, int), cudaStreamEndCapture(stream_t, graph_t *), cudaStreamWaitEvent(stream_t, event_t, unsigned),
    cudaStreamIsCapturing(stream_t, int *), cudaEventCreate(event_t *), cudaEventRecord(event_t, stream_t), cudaEventDestroy(event_t), cudaGraphDestroy(graph_t),
    cudaPointerGetAttributes(struct pointer_attributes *, const void *), cuMemAddressReserve(device_ptr *, size_t, size_t, device_ptr, unsigned long long),
    cuMemAddressFree(device_ptr, size_t), cuMemCreate(uint64_t *, size_t, const struct allocation_prop *, unsigned long long), cuMemRelease(uint64_t),
    cuMemMap(device_ptr, size_t, size_t, uint64_t, unsigned long long), cuMemUnmap(device_ptr, size_t);
int nvmlDeviceGetHandleByIndex_v2(unsigned, void **), nvmlDeviceGetComputeRunningProcesses(void *, unsigned *, void *), nvmlInit_v2(void);

#define DEVICES 2
#define LIVE 64                                    /* of each kind and thread */
#define PAGE (2ull << 20)
#define MUST(condition) do { if (!(condition)) { fprintf(stderr, "fuzz: %s:%d: %s\n", __FILE__, __LINE__, #condition); abort(); } } while (0)

struct block { void *p; size_t size; int device; unsigned char mark; };
struct worker {
    pthread_t thread;
    uint64_t random, done, refused;
    struct block plain[LIVE], pooled[LIVE], pinned[LIVE];
    struct { device_ptr at; size_t size; int device; } mapped[LIVE];
};
static int stop;                                   /* atomic */

static uint64_t next(struct worker *w) {           /* xorshift */
    w->random ^= w->random << 13, w->random ^= w->random >> 7, w->random ^= w->random << 17;
    return w->random;
}
static size_t some_size(struct worker *w) {
    switch (next(w) % 8) {
    case 0: return 1 + next(w) % 4096;
    case 1: return next(w) % (600ull << 20) + 1;
    case 2: return (next(w) % 20 + 1) * PAGE;
    default: return 1 + next(w) % (8 << 20);
    }
}

/* The first and last bytes of a block are its own: nobody else's work may change them. */
static void mark(struct worker *w, struct block *b) {
    unsigned char bytes[16];
    size_t n = b->size < 16 ? b->size : 16;
    b->mark = (unsigned char)next(w);
    memset(bytes, b->mark, sizeof bytes);
    MUST(!cudaMemcpy(b->p, bytes, n, 1) && !cudaMemcpy((char *)b->p + b->size - n, bytes, n, 1));
}
static void check(struct block *b) {
    unsigned char bytes[16];
    size_t n = b->size < 16 ? b->size : 16;
    MUST(!cudaMemcpy(bytes, b->p, n, 2));
    for (size_t i = 0; i < n; i++) MUST(bytes[i] == b->mark);
    MUST(!cudaMemcpy(bytes, (char *)b->p + b->size - n, n, 2));
    for (size_t i = 0; i < n; i++) MUST(bytes[i] == b->mark);
}

static void plain(struct worker *w, struct block *b, int asynchronous) {
    if (b->p) {
        check(b);
        MUST(!(asynchronous ? cudaFreeAsync(b->p, NULL) : cudaFree(b->p)));
        b->p = NULL;
        return;
    }
    *b = (struct block){ .size = some_size(w), .device = next(w) % DEVICES };
    MUST(!cudaSetDevice(b->device));
    result r = asynchronous ? cudaMallocAsync(&b->p, b->size, NULL) : cudaMalloc(&b->p, b->size);
    MUST(r == OK || r == OUT_OF_MEMORY);
    if (r) { w->refused++; b->p = NULL; return; }
    struct pointer_attributes a;
    MUST(!cudaPointerGetAttributes(&a, b->p) && a.type == MEMORY_DEVICE && (asynchronous || a.device == b->device));
    if (next(w) % 4 == 0) MUST(!cudaMemset(b->p, 0, b->size));
    mark(w, b);
}

static void pinned(struct worker *w, struct block *b) {
    if (b->p) {
        if (b->device) { MUST(!cudaHostUnregister(b->p)); free(b->p); }
        else MUST(!cudaFreeHost(b->p));
        b->p = NULL;
        return;
    }
    *b = (struct block){ .size = 1 + next(w) % (1 << 20), .device = next(w) % 2 };
    if (b->device) {
        b->p = malloc(b->size);
        MUST(!cudaHostRegister(b->p, b->size, 0) && cudaHostRegister(b->p, b->size, 0) == ALREADY_REGISTERED);
    } else MUST(!cudaHostAlloc(&b->p, b->size, 0));
    memset(b->p, 1, b->size);
}

static void mapped(struct worker *w, int i) {
    if (w->mapped[i].at) {
        MUST(!cuMemUnmap(w->mapped[i].at, w->mapped[i].size) && !cuMemAddressFree(w->mapped[i].at, w->mapped[i].size));
        w->mapped[i].at = 0;
        return;
    }
    size_t size = (1 + next(w) % 16) * PAGE;
    int device = next(w) % DEVICES;
    struct allocation_prop p = { .location = { LOCATION_DEVICE, device } };
    uint64_t handle;
    result r = cuMemCreate(&handle, size, &p, 0);
    MUST(r == OK || r == OUT_OF_MEMORY);
    if (r) { w->refused++; return; }
    MUST(!cuMemAddressReserve(&w->mapped[i].at, size, 0, 0, 0) && !cuMemMap(w->mapped[i].at, size, 0, handle, 0) && !cuMemRelease(handle));
    w->mapped[i].size = size, w->mapped[i].device = device;
    memset((void *)w->mapped[i].at, 7, 64);
}

static void captured(void) {
    stream_t s, side;
    event_t e;
    graph_t g;
    int status;
    MUST(!cudaStreamCreate(&s) && !cudaStreamCreate(&side) && !cudaEventCreate(&e));
    if (cudaStreamBeginCapture(s, 0) == OK) {
        MUST(!cudaEventRecord(e, s) && !cudaStreamWaitEvent(side, e, 0));
        MUST(!cudaStreamIsCapturing(side, &status) && status == 1);
        MUST(!cudaStreamEndCapture(s, &g));
        MUST(!cudaStreamIsCapturing(side, &status) && status == 0);
        MUST(!cudaGraphDestroy(g));
    }
    MUST(!cudaEventDestroy(e) && !cudaStreamDestroy(s) && !cudaStreamDestroy(side));
}

static void look(struct worker *w) {
    struct { unsigned pid; unsigned long long bytes; } all[ST_PROCESSES + 1];
    unsigned n = ST_PROCESSES + 1;
    size_t f, t;
    void *h;
    int d = next(w) % DEVICES;
    MUST(!cudaSetDevice(d) && !cudaMemGetInfo(&f, &t) && f <= t && t == st_settings.memory[d]);
    MUST(!nvmlDeviceGetHandleByIndex_v2(d, &h) && !nvmlDeviceGetComputeRunningProcesses(h, &n, all));
    int found = 0;
    for (unsigned i = 0; i < n; i++) found += all[i].pid == (unsigned)getpid();
    MUST(found == 1);
}

/* A child of a process with a context: CUDA refuses, and what it frees stays the parent's. */
static void forked(struct worker *w) {
    pid_t child = fork();
    MUST(child >= 0);
    if (!child) {
        void *p = NULL;
        int wrong = cudaMalloc(&p, 1 << 20) != NOT_INITIALIZED;
        for (int i = 0; i < LIVE; i++) if (w->plain[i].p) wrong |= cudaFree(w->plain[i].p) != OK;
        _exit(wrong);
    }
    int status;
    MUST(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void *work(void *argument) {
    struct worker *w = argument;
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        int i = next(w) % LIVE;
        switch (next(w) % 64) {
        default: plain(w, &w->plain[i], 0); break;
        case 20 ... 39: plain(w, &w->pooled[i], 1); break;
        case 40 ... 49: mapped(w, i); break;
        case 50 ... 55: pinned(w, &w->pinned[i]); break;
        case 56 ... 58: captured(); break;
        case 59 ... 62: look(w); break;
        case 63: if (next(w) % 256 == 0) forked(w);
        }
        w->done++;
    }
    return NULL;
}

static uint64_t held(struct worker *workers, int threads, int device) {
    uint64_t bytes = 0;
    for (struct worker *w = workers; w < workers + threads; w++)
        for (int i = 0; i < LIVE; i++) {
            if (w->plain[i].p && w->plain[i].device == device) bytes += st_round_up(w->plain[i].size, PAGE);
            if (w->mapped[i].at && w->mapped[i].device == device) bytes += w->mapped[i].size;
        }
    pool_t pool;
    uint64_t reserved;
    MUST(!cudaDeviceGetDefaultMemPool(&pool, device) && !cudaMemPoolGetAttribute(pool, POOL_RESERVED, &reserved));
    return bytes + reserved;
}

static void balance(struct worker *workers, int threads) {
    struct st_process all[ST_PROCESSES + 1];
    for (int d = 0; d < DEVICES; d++) {
        int n = st_processes(d, all, ST_PROCESSES + 1);
        for (int i = 0; i < n; i++)
            if (all[i].pid == (unsigned)getpid()) MUST(all[i].bytes == held(workers, threads, d) + st_settings.context);
    }
}

static void run(uint64_t seed, double seconds, int threads) {
    struct worker *workers = calloc(threads, sizeof *workers);
    struct timespec slice = { 0, 0 };
    MUST(workers && !nvmlInit_v2());
    for (int d = 0; d < DEVICES; d++)              /* where the neighbours have everything, a context has no room */
        for (result r; (r = cudaSetDevice(d));) { MUST(r == OUT_OF_MEMORY); usleep(1000); }
    for (int i = 0; i < threads; i++) workers[i].random = seed * 0x9e3779b97f4a7c15ull + i * 0xbf58476d1ce4e5b9ull + 1;
    for (int round = 0; round < 4; round++) {      /* the books are balanced at rest */
        __atomic_store_n(&stop, 0, __ATOMIC_RELAXED);
        for (int i = 0; i < threads; i++) MUST(!pthread_create(&workers[i].thread, NULL, work, &workers[i]));
        slice.tv_sec = (time_t)(seconds / 4), slice.tv_nsec = (long)((seconds / 4 - slice.tv_sec) * 1e9);
        while (nanosleep(&slice, &slice)) {}
        __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
        for (int i = 0; i < threads; i++) MUST(!pthread_join(workers[i].thread, NULL));
        balance(workers, threads);
    }
    uint64_t done = 0, refused = 0;
    for (struct worker *w = workers; w < workers + threads; w++) {
        for (int i = 0; i < LIVE; i++) {
            if (w->plain[i].p) plain(w, &w->plain[i], 0);
            if (w->pooled[i].p) plain(w, &w->pooled[i], 1);
            if (w->pinned[i].p) pinned(w, &w->pinned[i]);
            if (w->mapped[i].at) mapped(w, i);
        }
        done += w->done, refused += w->refused;
    }
    pool_t pool;
    for (int d = 0; d < DEVICES; d++) {
        MUST(!cudaDeviceGetDefaultMemPool(&pool, d) && !cudaMemPoolTrimTo(pool, 0));
        MUST(held(workers, threads, d) == 0);
    }
    balance(workers, threads);
    printf("%llu operations, %llu refused for lack of memory\n", (unsigned long long)done, (unsigned long long)refused);
    free(workers);
}

int main(int argc, char **argv) {
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    double seconds = argc > 2 ? atof(argv[2]) : 2;
    int threads = argc > 3 ? atoi(argv[3]) : 4, neighbours = argc > 4 ? atoi(argv[4]) : 0;
    pid_t pids[16] = { 0 };
    struct timespec start, now, pause = { 0, 30000000 };
    if (neighbours > 16) neighbours = 16;
    pid_t killer = neighbours ? fork() : 0;
    if (neighbours && !killer) {                   /* starts neighbours (processes of their own) and kills them, until the time is over */
        char number[32];
        clock_gettime(CLOCK_MONOTONIC, &start);
        for (unsigned k = 0;; k++) {
            int i = k % neighbours;
            if (pids[i]) { kill(pids[i], SIGKILL); if (k % 3) waitpid(pids[i], NULL, 0); }   /* some stay zombies for a while */
            snprintf(number, sizeof number, "%llu", (unsigned long long)(seed + 1000 + k));
            if (!(pids[i] = fork())) { execl("/proc/self/exe", "fuzz", number, "600", "2", "0", (char *)NULL); _exit(127); }
            nanosleep(&pause, NULL);
            clock_gettime(CLOCK_MONOTONIC, &now);
            if (now.tv_sec - start.tv_sec > seconds * 0.8) break;
        }
        for (int i = 0; i < neighbours; i++) if (pids[i]) kill(pids[i], SIGKILL);
        while (wait(NULL) > 0) {}
        _exit(0);
    }
    run(seed, seconds, threads);
    if (killer) {
        int status;
        MUST(waitpid(killer, &status, 0) == killer && status == 0);
        for (int d = 0; d < DEVICES; d++) {        /* everyone else is gone, and all they held */
            uint64_t f, t;
            st_memory(d, &f, &t);
            MUST(t - f == st_settings.others[d] + st_settings.context);
        }
    }
    return 0;
}
