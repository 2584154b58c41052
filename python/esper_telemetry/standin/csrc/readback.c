/* What the host reads back where values are not computed: rules that keep programs going, not truth.
 * Bytes that the host or a small fill wrote are read back as they are. What a kernel would have written last reads as 0;
 * "are all equal", "are all finite" as true; boolean masks as all set; nonzero() as everything. Off (ESPER_STANDIN_READBACK=0)
 * where the values of small tensors are computed. */
#include "standin.h"
#include <pthread.h>

#define READABLE (64u << 10)                       /* larger reads are answered with what is there */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *last = "";                      /* the kernel that ran last; "" where bytes are as written */
static int all_equal;                              /* its result went through "are all equal" */
static int64_t nonzero = -1;                       /* elements that nonzero() was asked to count */
static struct { uint64_t at, bytes; } written[8192];   /* what is known: by a hash of its address */

static unsigned place(const void *p) {
    uint64_t x = (uint64_t)p * 0x9e3779b97f4a7c15ull;
    return (x >> 40) & 8191;
}

static int compares(const char *k) {
    return (strstr(k, "13BinaryFunctorI") && strstr(k, "CompareEqFunctor")) || strstr(k, "compare_scalar") != NULL;
}

void st_readback_written(const void *to, size_t bytes, int by_host) {
    if (!st_settings.readback) return;
    pthread_mutex_lock(&lock);
    if (by_host) {
        written[place(to)].at = (uint64_t)to;
        written[place(to)].bytes = bytes;
        last = "";
    } else if (bytes == 1 && compares(last)) all_equal = 1;   /* all() of one element is a copy */
    pthread_mutex_unlock(&lock);
}

/* zeros(), ones(), full(), fill_() of small contiguous tensors are carried out: { int n, FillFunctor<T>{T}, char *out[1] }. */
static int fill(const char *k, void **arguments) {
    const char *type = strstr(k, "11FillFunctorI");
    size_t width = 0;
    if (!type || !arguments || !strstr(k, "vectorized_elementwise_kernel")) return 0;
    switch (*(type += 14)) {
    case 'f': case 'i': case 'j': width = 4; break;
    case 'd': case 'l': case 'm': width = 8; break;
    case 'b': case 'a': case 'h': width = 1; break;
    case 's': case 't': width = 2; break;
    case 'N': if (!strncmp(type, "N3c108BFloat16E", 15) || !strncmp(type, "N3c104HalfE", 11)) width = 2;
    }
    int n = *(int *)arguments[0];
    char *out = *(char **)arguments[2];
    if (!width || n < 0 || !st_is_device(out) || n * width > st_settings.device_copy_limit) return 0;
    for (int i = 0; i < n; i++) memcpy(out + i * width, arguments[1], width);
    written[place(out)].at = (uint64_t)out;
    written[place(out)].bytes = n * width;
    return 1;
}

void st_readback_launched(const char *kernel, void **arguments) {
    pthread_mutex_lock(&lock);
    last = fill(kernel, arguments) ? "" : kernel;
    all_equal = 0;
    if (strstr(kernel, "NonZeroOp")) {             /* a reduction { in, out, int elements, … } */
        if (strstr(kernel, "DeviceReduce") && arguments) nonzero = *(int *)arguments[2];
    } else if (!strstr(kernel, "DeviceReduceSingleTile")) nonzero = -1;
    pthread_mutex_unlock(&lock);
}

int st_readback_answer(void *to, const void *from, size_t bytes) {
    if (!st_settings.readback || bytes > READABLE) return 0;
    pthread_mutex_lock(&lock);
    unsigned i = place(from);
    int known = !*last || (written[i].at == (uint64_t)from && written[i].bytes == bytes);
    if (!known) {
        if (bytes == 1 && (all_equal || compares(last) || strstr(last, "and_kernel") || strstr(last, "BitwiseAndFunctor")))
            *(uint8_t *)to = 1;
        else if (bytes == 4 && nonzero >= 0) { int32_t n = (int32_t)nonzero; memcpy(to, &n, 4); }
        else if (bytes > 1 && (strstr(last, "UlbE_") || strstr(last, "UlbbE_"))) memset(to, 1, bytes);
        else memset(to, 0, bytes);
    }
    pthread_mutex_unlock(&lock);
    return !known;
}
