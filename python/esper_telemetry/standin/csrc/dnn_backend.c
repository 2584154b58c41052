/* cuDNN's graph interface: a descriptor is a bag of attributes that are handed back as they were set. The heuristics find
 * the caller's own engine, and no plan needs a workspace. */
#include "dnn.h"
#pragma GCC visibility push(default)

enum { HEURISTIC_RESULTS = 202, PLAN_WORKSPACE = 402 };
struct attribute { int name; int64_t count; void *value; struct attribute *next; };
struct descriptor { int type; struct attribute *first; };

static size_t element(int type) {                  /* bytes of a CUDNN_TYPE_… */
    switch (type) {
    case 0: case 3: case 5: case 6: case 15: return 8;
    case 2: case 24: return 1;
    case 26: return 16;
    default: return 4;
    }
}
static int fills_descriptor(int name) { return name == 300 || name == 401 || name == 1300; }

int cudnnBackendCreateDescriptor(int type, void **out) {
    struct descriptor *d = calloc(1, 1024);
    if (!d) return DNN_BAD;
    d->type = type;
    *out = d;
    return DNN_OK;
}
int cudnnBackendDestroyDescriptor(struct descriptor *d) {
    while (d && d->first) {
        struct attribute *a = d->first;
        d->first = a->next;
        free(a->value);
        free(a);
    }
    free(d);
    return DNN_OK;
}
int cudnnBackendInitialize(void *d) { (void)d; return DNN_OK; }
int cudnnBackendFinalize(void *d) { (void)d; return DNN_OK; }
static struct attribute *find(struct descriptor *d, int name) {
    struct attribute *a = d->first;
    while (a && a->name != name) a = a->next;
    return a;
}
int cudnnBackendSetAttribute(struct descriptor *d, int name, int type, int64_t count, const void *value) {
    struct attribute *a = find(d, name);
    if (!a) {
        if (!(a = calloc(1, sizeof *a))) return DNN_BAD;
        a->name = name, a->next = d->first, d->first = a;
    }
    free(a->value);
    a->count = count;
    if (!(a->value = malloc(count * element(type) + 8))) return DNN_BAD;
    if (count) memcpy(a->value, value, count * element(type));
    return DNN_OK;
}
int cudnnBackendGetAttribute(struct descriptor *d, int name, int type, int64_t room, int64_t *count, void *value) {
    int64_t one = name == HEURISTIC_RESULTS || name == PLAN_WORKSPACE || fills_descriptor(name);
    struct attribute *a = name == HEURISTIC_RESULTS || name == PLAN_WORKSPACE ? NULL : find(d, name);
    if (a) one = a->count;
    if (count) *count = one;
    if (!value || !room) return DNN_OK;
    if (a) memcpy(value, a->value, (room < a->count ? room : a->count) * element(type));
    else if (name == PLAN_WORKSPACE) memset(value, 0, 8);
    else if (!one) memset(value, 0, element(type));
    return DNN_OK;
}
