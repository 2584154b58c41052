/* cuBLAS, cuBLASLt and NVRTC: handles are made, answers that the caller reads are given, nothing is computed.
 * Other entry points of these libraries are stubs that the build writes. */
#include "standin.h"
#include <pthread.h>

/* Workspaces that PyTorch's allocator gave, so that a peak's blocks can be named: the newest, one for each address. */
#define WORKSPACES 256
static struct { uint64_t at, bytes; } workspaces[WORKSPACES];
static unsigned noted;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void note(void *at, size_t bytes) {
    if (!at) return;
    pthread_mutex_lock(&lock);
    unsigned known = noted < WORKSPACES ? noted : WORKSPACES, i = 0;
    while (i < known && workspaces[i].at != (uint64_t)at) i++;
    if (i == known) i = noted++ % WORKSPACES;
    workspaces[i].at = (uint64_t)at, workspaces[i].bytes = bytes;
    pthread_mutex_unlock(&lock);
}

#pragma GCC visibility push(default)

#define MAKE(name) int name(void **out) { *out = calloc(1, 4096); return *out ? 0 : 3; }
#define DROP(name) int name(void *object) { free(object); return 0; }

MAKE(cublasCreate_v2) DROP(cublasDestroy_v2)
int cublasGetMathMode(void *h, int *mode) { (void)h; *mode = 0; return 0; }
int cublasGetPointerMode_v2(void *h, int *mode) { (void)h; *mode = 0; return 0; }
MAKE(cublasLtCreate) DROP(cublasLtDestroy)
int cublasLtMatmulDescCreate(void **out, int compute, int scale) { (void)compute, (void)scale; *out = calloc(1, 4096); return *out ? 0 : 3; }
DROP(cublasLtMatmulDescDestroy)
int cublasLtMatrixLayoutCreate(void **out, int type, uint64_t rows, uint64_t columns, int64_t ld) {
    (void)type, (void)rows, (void)columns, (void)ld;
    *out = calloc(1, 4096);
    return *out ? 0 : 3;
}
DROP(cublasLtMatrixLayoutDestroy)
MAKE(cublasLtMatmulPreferenceCreate) DROP(cublasLtMatmulPreferenceDestroy)
struct heuristic { uint64_t algorithm[8]; size_t workspace; int state; float waves; int reserved[4]; };
int cublasLtMatmulAlgoGetHeuristic(void *h, void *operation, void *a, void *b, void *c, void *d, void *preference, int wanted, struct heuristic *out, int *found) {
    (void)h, (void)operation, (void)a, (void)b, (void)c, (void)d, (void)preference, (void)wanted;
    *out = (struct heuristic){ .waves = 1.f };
    *found = 1;
    return 0;
}

int cublasSetWorkspace_v2(void *h, void *at, size_t bytes) { (void)h; note(at, bytes); return 0; }
int cublasLtMatmul(void *h, void *operation, void *alpha, void *a, void *la, void *b, void *lb, void *beta, void *c, void *lc, void *d, void *ld, void *algorithm, void *at, size_t bytes, void *stream) {
    static int once;
    (void)h, (void)operation, (void)alpha, (void)a, (void)la, (void)b, (void)lb, (void)beta, (void)c, (void)lc, (void)d, (void)ld, (void)algorithm, (void)stream;
    note(at, bytes);
    return st_without_effect("cublasLtMatmul", &once, 0);
}
/* Pairs of address and bytes; how many, `most` at the most. */
int esper_standin_workspaces(uint64_t *out, int most) {
    pthread_mutex_lock(&lock);
    int count = noted < WORKSPACES ? (int)noted : WORKSPACES;
    if (count > most) count = most;
    for (int i = 0; i < count; i++) out[2 * i] = workspaces[i].at, out[2 * i + 1] = workspaces[i].bytes;
    pthread_mutex_unlock(&lock);
    return count;
}

MAKE(nvrtc_program)
int nvrtcCreateProgram(void **out, const char *source, const char *name, int n, const char *const *headers, const char *const *names) {
    (void)source, (void)name, (void)n, (void)headers, (void)names;
    return nvrtc_program(out);
}
int nvrtcDestroyProgram(void **p) { free(*p); *p = NULL; return 0; }
int nvrtcCompileProgram(void *p, int n, const char *const *options) { (void)p, (void)n, (void)options; return 0; }
int nvrtcAddNameExpression(void *p, const char *name) { (void)p, (void)name; return 0; }
int nvrtcGetLoweredName(void *p, const char *name, const char **lowered) { (void)p; *lowered = name; return 0; }
int nvrtcGetPTXSize(void *p, size_t *n) { (void)p; *n = 8; return 0; }
int nvrtcGetPTX(void *p, char *s) { (void)p; memset(s, 0, 8); return 0; }
int nvrtcGetCUBINSize(void *p, size_t *n) { (void)p; *n = 8; return 0; }
int nvrtcGetCUBIN(void *p, char *s) { (void)p; memset(s, 0, 8); return 0; }
int nvrtcGetProgramLogSize(void *p, size_t *n) { (void)p; *n = 1; return 0; }
int nvrtcGetProgramLog(void *p, char *s) { (void)p; *s = 0; return 0; }
const char *nvrtcGetErrorString(int e) { return e ? "stand-in error" : "NVRTC_SUCCESS"; }
