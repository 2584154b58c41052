/* Streams, events, captures and graphs. All work is done when its call returns, so nothing is ever waited for.
 * A capture is a number: streams that wait for an event recorded under it take part in it, as CUDA has it, because PyTorch's
 * allocator asks which capture a stream belongs to. Captured work is dropped and a replay does nothing: what is real of a
 * graph is its private memory pool. */
#include "standin.h"
#include "cuda_abi.h"
#include <pthread.h>
#include <time.h>

struct stream { int priority, device; unsigned flags; uint64_t id, capture; };
struct event { uint64_t ns, capture; };

#define CAPTURES 64
static uint64_t captures[CAPTURES];                /* going on; 0: free */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int is_default(stream_t s) { return (uint64_t)s <= 2; }   /* 0, legacy, per thread */
static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static uint64_t going_on(uint64_t capture) {       /* under the lock; 0 once it has ended */
    if (capture) for (int i = 0; i < CAPTURES; i++) if (captures[i] == capture) return capture;
    return 0;
}
uint64_t st_capture_of(stream_t s) {
    if (is_default(s)) return 0;
    pthread_mutex_lock(&lock);
    uint64_t capture = going_on(((struct stream *)s)->capture);
    pthread_mutex_unlock(&lock);
    return capture;
}

#pragma GCC visibility push(default)
result cudaStreamCreateWithPriority(stream_t *s, unsigned flags, int priority) {
    static uint64_t id = 16;
    if (st_ready()) return st_ready();
    if (st_context(st_host_device(st_current))) return st_error(OUT_OF_MEMORY);
    struct stream *x = calloc(1, sizeof *x);
    if (!x) return st_error(OUT_OF_MEMORY);
    *x = (struct stream){ priority, st_current, flags, __atomic_add_fetch(&id, 1, __ATOMIC_RELAXED), 0 };
    *s = x;
    return OK;
}
result cudaStreamCreateWithFlags(stream_t *s, unsigned flags) { return cudaStreamCreateWithPriority(s, flags, 0); }
result cudaStreamCreate(stream_t *s) { return cudaStreamCreateWithPriority(s, 0, 0); }
result cudaStreamDestroy(stream_t s) { if (!is_default(s)) free(s); return OK; }
result cudaStreamGetPriority(stream_t s, int *p) { *p = is_default(s) ? 0 : ((struct stream *)s)->priority; return OK; }
result cudaStreamGetFlags(stream_t s, unsigned *f) { *f = is_default(s) ? 0 : ((struct stream *)s)->flags; return OK; }
result cudaStreamGetId(stream_t s, unsigned long long *id) { *id = is_default(s) ? (uint64_t)s : ((struct stream *)s)->id; return OK; }
result cudaStreamGetDevice(stream_t s, int *d) { *d = is_default(s) ? st_current : ((struct stream *)s)->device; return OK; }
result cudaStreamQuery(stream_t s) { (void)s; return OK; }
result cudaStreamSynchronize(stream_t s) { (void)s; return OK; }
result cudaStreamWaitEvent(stream_t s, event_t e, unsigned f) {
    (void)f;
    if (is_default(s) || !e) return OK;
    pthread_mutex_lock(&lock);
    struct stream *x = s;
    uint64_t capture = going_on(((struct event *)e)->capture);
    if (capture && !going_on(x->capture)) x->capture = capture;
    pthread_mutex_unlock(&lock);
    return OK;
}
result cudaLaunchHostFunc(stream_t s, void (*f)(void *), void *data) { (void)s; f(data); return OK; }
result cudaStreamAddCallback(stream_t s, void (*f)(stream_t, result, void *), void *data, unsigned flags) { (void)flags; f(s, OK, data); return OK; }

result cudaEventCreateWithFlags(event_t *e, unsigned f) {
    (void)f;
    if (st_ready()) return st_ready();
    *e = calloc(1, sizeof(struct event));
    return *e ? OK : st_error(OUT_OF_MEMORY);
}
result cudaEventCreate(event_t *e) { return cudaEventCreateWithFlags(e, 0); }
result cudaEventDestroy(event_t e) { free(e); return OK; }
result cudaEventRecord(event_t e, stream_t s) {
    uint64_t capture = st_capture_of(s);
    pthread_mutex_lock(&lock);
    *(struct event *)e = (struct event){ now(), capture };
    pthread_mutex_unlock(&lock);
    return OK;
}
result cudaEventRecordWithFlags(event_t e, stream_t s, unsigned f) { (void)f; return cudaEventRecord(e, s); }
result cudaEventQuery(event_t e) { (void)e; return OK; }
result cudaEventSynchronize(event_t e) { (void)e; return OK; }
result cudaEventElapsedTime(float *ms, event_t a, event_t b) {
    *ms = (float)(((double)((struct event *)b)->ns - (double)((struct event *)a)->ns) / 1e6);
    return OK;
}
result cudaIpcGetEventHandle(struct ipc_handle *h, event_t e) { (void)e; memset(h, 0, sizeof *h); return OK; }
result cudaIpcOpenEventHandle(event_t *e, struct ipc_handle h) { (void)h; return cudaEventCreate(e); }

result cudaStreamIsCapturing(stream_t s, int *status) { *status = st_capture_of(s) ? 1 : 0; return OK; }
result cudaStreamBeginCapture(stream_t s, int mode) {
    static uint64_t id;
    int i = 0;
    (void)mode;
    if (is_default(s)) return st_error(NOT_SUPPORTED);
    pthread_mutex_lock(&lock);
    while (i < CAPTURES && captures[i]) i++;
    if (i < CAPTURES) ((struct stream *)s)->capture = captures[i] = ++id;
    pthread_mutex_unlock(&lock);
    return i < CAPTURES ? OK : st_error(NOT_SUPPORTED);
}
result cudaStreamEndCapture(stream_t s, graph_t *g) {
    uint64_t capture = st_capture_of(s);
    *g = NULL;
    if (!capture) return st_error(CAPTURE_UNMATCHED);
    pthread_mutex_lock(&lock);
    for (int i = 0; i < CAPTURES; i++) if (captures[i] == capture) captures[i] = 0;
    pthread_mutex_unlock(&lock);
    *g = calloc(1, 64);
    return *g ? OK : st_error(OUT_OF_MEMORY);
}
static result capture_info(stream_t s, int *status, unsigned long long *id, graph_t *g, void *nodes, void *edges, size_t *n) {
    uint64_t capture = st_capture_of(s);
    *status = capture ? 1 : 0;
    if (id) *id = capture;
    if (g) *g = NULL;
    if (nodes) *(void **)nodes = NULL;
    if (edges) *(void **)edges = NULL;
    if (n) *n = 0;
    return OK;
}
#if STANDIN_CUDA >= 13000
result cudaStreamGetCaptureInfo(stream_t s, int *status, unsigned long long *id, graph_t *g, void *nodes, void *edges, size_t *n) {
    return capture_info(s, status, id, g, nodes, edges, n);
}
#else
result cudaStreamGetCaptureInfo(stream_t s, int *status, unsigned long long *id) { return capture_info(s, status, id, NULL, NULL, NULL, NULL); }
result cudaStreamGetCaptureInfo_v2(stream_t s, int *status, unsigned long long *id, graph_t *g, void *nodes, size_t *n) {
    return capture_info(s, status, id, g, nodes, NULL, n);
}
result cudaStreamGetCaptureInfo_v3(stream_t s, int *status, unsigned long long *id, graph_t *g, void *nodes, void *edges, size_t *n) {
    return capture_info(s, status, id, g, nodes, edges, n);
}
#endif
result cudaThreadExchangeStreamCaptureMode(int *mode) {
    static __thread int current;
    int before = current;
    current = *mode;
    *mode = before;
    return OK;
}

static result instantiate(graph_exec_t *e, graph_t g) { (void)g; *e = calloc(1, 64); return *e ? OK : st_error(OUT_OF_MEMORY); }
result cudaGraphInstantiate(graph_exec_t *e, graph_t g) { return instantiate(e, g); }   /* what follows differs by version */
result cudaGraphInstantiateWithFlags(graph_exec_t *e, graph_t g, unsigned long long f) { (void)f; return instantiate(e, g); }
result cudaGraphGetNodes(graph_t g, void **nodes, size_t *n) { (void)g; if (nodes) *nodes = NULL; *n = 1; return OK; }
result cudaGraphLaunch(graph_exec_t e, stream_t s) { (void)e, (void)s; return OK; }
result cudaGraphUpload(graph_exec_t e, stream_t s) { (void)e, (void)s; return OK; }
result cudaGraphDebugDotPrint(graph_t g, const char *path, unsigned f) { (void)g, (void)path, (void)f; return OK; }
result cudaGraphDestroy(graph_t g) { free(g); return OK; }
result cudaGraphExecDestroy(graph_exec_t e) { free(e); return OK; }
