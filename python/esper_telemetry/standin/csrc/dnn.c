/* cuDNN: handles, descriptors, convolutions, batch normalisation. Convolutions get one algorithm without a workspace (a
 * real one may ask for more: peaks of convolutions can be low), normalisation no reserve. */
#include "dnn.h"

int dnn_describe(struct tensor *t, int type, int dims, const int *size) {
    if (!t) return DNN_OK;
    t->type = type;
    t->dims = dims < 8 ? dims : 8;
    memcpy(t->size, size, t->dims * sizeof *size);
    return DNN_OK;
}

#pragma GCC visibility push(default)
#define PAIR(name)                                                                                          \
    int cudnnCreate##name(void **out) { *out = calloc(1, 1024); return *out ? DNN_OK : DNN_BAD; }          \
    int cudnnDestroy##name(void *object) { free(object); return DNN_OK; }
PAIR() PAIR(ActivationDescriptor) PAIR(CTCLossDescriptor) PAIR(ConvolutionDescriptor) PAIR(DropoutDescriptor)
PAIR(FilterDescriptor) PAIR(PoolingDescriptor) PAIR(RNNDataDescriptor) PAIR(RNNDescriptor)
PAIR(SpatialTransformerDescriptor) PAIR(TensorDescriptor)

int cudnnSetStream(void **h, void *s) { *h = s; return DNN_OK; }
int cudnnGetStream(void **h, void **s) { *s = *h; return DNN_OK; }
const char *cudnnGetErrorString(int e) { return e ? "CUDNN_STATUS_NOT_SUPPORTED" : "CUDNN_STATUS_SUCCESS"; }
void cudnnGetLastErrorString(char *s, size_t room) { if (room) *s = 0; }

int cudnnSetTensorNdDescriptor(struct tensor *t, int type, int dims, const int *size, const int *stride) { (void)stride; return dnn_describe(t, type, dims, size); }
int cudnnSetFilterNdDescriptor(struct tensor *t, int type, int format, int dims, const int *size) { (void)format; return dnn_describe(t, type, dims, size); }
int cudnnGetTensorNdDescriptor(struct tensor *t, int room, int *type, int *dims, int *size, int *stride) {
    int step = 1;
    *type = t->type, *dims = t->dims;
    for (int i = t->dims - 1; i >= 0; i--)
        if (i < room) size[i] = t->size[i], stride[i] = step, step *= t->size[i];
    return DNN_OK;
}
int cudnnGetFilterNdDescriptor(struct tensor *t, int room, int *type, int *format, int *dims, int *size) {
    *type = t->type, *format = 0, *dims = t->dims;
    for (int i = 0; i < t->dims && i < room; i++) size[i] = t->size[i];
    return DNN_OK;
}

struct performance { int algorithm, status; float ms; size_t workspace; int deterministic, math, reserved[3]; };
static int one_algorithm(int *found, struct performance *p) {
    *p = (struct performance){ .algorithm = 1, .ms = 1 };
    *found = 1;
    return DNN_OK;
}
#define U(x) (void)(x)
#define CONVOLUTION(kind)                                                                                                        \
    int cudnnGetConvolution##kind##Algorithm_v7(void *h, void *a, void *b, void *c, void *d, int n, int *found, void *p) {        \
        U(h), U(a), U(b), U(c), U(d), U(n);                                                                                       \
        return one_algorithm(found, p);                                                                                           \
    }                                                                                                                             \
    int cudnnFindConvolution##kind##AlgorithmEx(void *h, void *a, void *b, void *c, void *d, void *e, void *f, void *g, int n,    \
                                                int *found, void *p, void *workspace, size_t bytes) {                             \
        U(h), U(a), U(b), U(c), U(d), U(e), U(f), U(g), U(n), U(workspace), U(bytes);                                             \
        return one_algorithm(found, p);                                                                                           \
    }                                                                                                                             \
    int cudnnGetConvolution##kind##WorkspaceSize(void *h, void *a, void *b, void *c, void *d, int algorithm, size_t *bytes) {     \
        U(h), U(a), U(b), U(c), U(d), U(algorithm);                                                                               \
        *bytes = 0;                                                                                                               \
        return DNN_OK;                                                                                                            \
    }
CONVOLUTION(Forward) CONVOLUTION(BackwardData) CONVOLUTION(BackwardFilter)

int cudnnGetBatchNormalizationForwardTrainingExWorkspaceSize(void *h, int mode, int ops, void *x, void *z, void *y, void *b, void *ac, size_t *n) {
    U(h), U(mode), U(ops), U(x), U(z), U(y), U(b), U(ac);
    *n = 0;
    return DNN_OK;
}
int cudnnGetBatchNormalizationBackwardExWorkspaceSize(void *h, int mode, int ops, void *x, void *y, void *dy, void *dz, void *dx, void *b, void *ac, size_t *n) {
    U(h), U(mode), U(ops), U(x), U(y), U(dy), U(dz), U(dx), U(b), U(ac);
    *n = 0;
    return DNN_OK;
}
int cudnnGetBatchNormalizationTrainingExReserveSpaceSize(void *h, int mode, int ops, void *ac, void *x, size_t *n) {
    U(h), U(mode), U(ops), U(ac), U(x);
    *n = 0;
    return DNN_OK;
}
int cudnnDropoutGetStatesSize(void *h, size_t *n) { U(h); *n = 1 << 20; return DNN_OK; }
int cudnnGetCTCLossWorkspaceSize(void *h, void *probs, void *grads, const int *labels, const int *label_lengths, const int *input_lengths, int algorithm, void *loss, size_t *n) {
    U(h), U(probs), U(grads), U(labels), U(label_lengths), U(input_lengths), U(algorithm), U(loss);
    *n = 0;
    return DNN_OK;
}
int cudnnGetCTCLossWorkspaceSize_v8(void *h, int algorithm, void *loss, void *probs, void *grads, size_t *n) {
    U(h), U(algorithm), U(loss), U(probs), U(grads);
    *n = 0;
    return DNN_OK;
}
