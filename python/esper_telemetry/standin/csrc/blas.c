/* cuBLAS, cuBLASLt and NVRTC: handles are made, answers that the caller reads are given, nothing is computed.
 * Other entry points of these libraries are stubs that the build writes. */
#include "standin.h"
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
