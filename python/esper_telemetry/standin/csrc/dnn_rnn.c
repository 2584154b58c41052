/* cuDNN's recurrent networks, as far as sizes and the places of weights go: PyTorch asks where each matrix and bias lies in
 * one flat buffer. The layout is ours: of every layer all matrices first, then all biases of all layers.
 * cuDNN 8.1 and later have the calls with one descriptor; PyTorch 2.0 uses those before. */
#include "dnn.h"
#pragma GCC visibility push(default)

enum { LSTM = 2, GRU = 3 };
struct rnn { int mode, has_bias, directions, input, hidden, projected, layers, type; };
struct rnn_data { int steps, batch, width; };

static size_t gates(const struct rnn *r) { return r->mode == LSTM ? 4 : r->mode == GRU ? 3 : 1; }
static size_t width_into(const struct rnn *r, int layer) {   /* layer counts both directions */
    return layer / r->directions ? (size_t)r->projected * r->directions : (size_t)r->input;
}
static size_t matrices(const struct rnn *r, int layer) {     /* elements */
    return gates(r) * r->hidden * (width_into(r, layer) + r->projected) + (r->projected != r->hidden ? (size_t)r->projected * r->hidden : 0);
}
static size_t all_matrices(const struct rnn *r, int layers) {
    size_t n = 0;
    for (int i = 0; i < layers; i++) n += matrices(r, i);
    return n;
}
static size_t weights(const struct rnn *r) {
    int layers = r->layers * r->directions;
    return all_matrices(r, layers) + (r->has_bias ? layers * gates(r) * 2 * r->hidden : 0);
}
static size_t activations(const struct rnn *r, size_t steps, size_t batch) {
    return steps * batch * r->hidden * r->layers * r->directions * dnn_bytes(r->type);
}

/* Where matrix or bias `id` of a layer lies: ids below `gates` read the input, those above the hidden state, the last projects. */
static void place(const struct rnn *r, int layer, int id, char *w, struct tensor *matrix, void **matrix_at, struct tensor *bias, void **bias_at) {
    size_t g = gates(r), in = width_into(r, layer), e = dnn_bytes(r->type), start = all_matrices(r, layer);
    size_t gate = id % g, recurrent = (size_t)id >= g, projects = (size_t)id >= 2 * g;
    int matrix_size[3] = { 1, r->hidden, (int)(recurrent ? (size_t)r->projected : in) }, bias_size[3] = { 1, r->hidden, 1 };
    size_t m = start + (recurrent ? g * r->hidden * in + gate * r->hidden * r->projected : gate * r->hidden * in);
    size_t b = all_matrices(r, r->layers * r->directions) + ((size_t)layer * g * 2 + recurrent * g + gate) * r->hidden;
    if (projects) {
        matrix_size[1] = r->projected, matrix_size[2] = r->hidden;
        m = start + g * r->hidden * (in + r->projected);
        if (r->projected == r->hidden) {           /* there is none */
            if (matrix) matrix->dims = 0;
            if (bias) bias->dims = 0;
            if (matrix_at) *matrix_at = NULL;
            if (bias_at) *bias_at = NULL;
            return;
        }
    }
    dnn_describe(matrix, r->type, 3, matrix_size);
    dnn_describe(bias, r->type, 3, bias_size);
    if (matrix_at) *matrix_at = w + m * e;
    if (bias_at) *bias_at = r->has_bias && !projects ? w + b * e : NULL;
}

int cudnnSetRNNDescriptor_v8(struct rnn *r, int algorithm, int mode, int bias, int direction, int input_mode, int type, int precision, int math, int input, int hidden, int projected, int layers, void *dropout, unsigned flags) {
    (void)algorithm, (void)input_mode, (void)precision, (void)math, (void)dropout, (void)flags;
    *r = (struct rnn){ mode, bias != 0, direction ? 2 : 1, input, hidden, projected, layers, type };
    return DNN_OK;
}
int cudnnSetRNNDataDescriptor(struct rnn_data *d, int type, int layout, int steps, int batch, int width, const int *lengths, void *padding) {
    (void)type, (void)layout, (void)lengths, (void)padding;
    *d = (struct rnn_data){ steps, batch, width };
    return DNN_OK;
}
int cudnnGetRNNWeightSpaceSize(void *h, struct rnn *r, size_t *n) { (void)h; *n = weights(r) * dnn_bytes(r->type); return DNN_OK; }
int cudnnGetRNNTempSpaceSizes(void *h, struct rnn *r, int training, struct rnn_data *x, size_t *workspace, size_t *reserve) {
    size_t one = activations(r, x->steps, x->batch);
    (void)h;
    if (workspace) *workspace = one * gates(r);
    if (reserve) *reserve = training ? one * (gates(r) + 2) : 0;
    return DNN_OK;
}
int cudnnGetRNNWeightParams(void *h, struct rnn *r, int layer, size_t bytes, char *w, int id, struct tensor *matrix, void **matrix_at, struct tensor *bias, void **bias_at) {
    (void)h, (void)bytes;
    place(r, layer, id, w, matrix, matrix_at, bias, bias_at);
    return DNN_OK;
}

/* Before 8.1: the input's width comes with the input's descriptor, { batch, width, 1 }. */
int cudnnSetRNNDescriptor_v6(void *h, struct rnn *r, int hidden, int layers, void *dropout, int input_mode, int direction, int mode, int algorithm, int type) {
    (void)h, (void)dropout, (void)input_mode, (void)algorithm;
    *r = (struct rnn){ mode, 1, direction ? 2 : 1, 0, hidden, hidden, layers, type };
    return DNN_OK;
}
int cudnnSetRNNProjectionLayers(void *h, struct rnn *r, int recurrent, int output) { (void)h, (void)output; if (recurrent) r->projected = recurrent; return DNN_OK; }
int cudnnSetRNNBiasMode(struct rnn *r, int bias) { r->has_bias = bias != 0; return DNN_OK; }
int cudnnGetRNNParamsSize(void *h, struct rnn *r, struct tensor *x, size_t *n, int type) {
    (void)h;
    r->input = x->size[1], r->type = type;
    *n = weights(r) * dnn_bytes(type);
    return DNN_OK;
}
int cudnnGetRNNWorkspaceSize(void *h, struct rnn *r, int steps, struct tensor **x, size_t *n) { (void)h; *n = activations(r, steps, x[0]->size[0]) * gates(r); return DNN_OK; }
int cudnnGetRNNTrainingReserveSize(void *h, struct rnn *r, int steps, struct tensor **x, size_t *n) { (void)h; *n = activations(r, steps, x[0]->size[0]) * (gates(r) + 2); return DNN_OK; }
int cudnnGetRNNLinLayerMatrixParams(void *h, struct rnn *r, int layer, struct tensor *x, void *filter, char *w, int id, struct tensor *matrix, void **at) {
    (void)h, (void)filter;
    r->input = x->size[1];
    place(r, layer, id, w, matrix, at, NULL, NULL);
    return DNN_OK;
}
int cudnnGetRNNLinLayerBiasParams(void *h, struct rnn *r, int layer, struct tensor *x, void *filter, char *w, int id, struct tensor *bias, void **at) {
    (void)h, (void)filter;
    r->input = x->size[1];
    place(r, layer, id, w, NULL, NULL, bias, at);
    return DNN_OK;
}
