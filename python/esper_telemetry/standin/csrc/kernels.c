/* Kernels are known by name and never run. Registration is cheap (a library registers a hundred thousand as it loads);
 * the table by function is made at the first look-up. */
#include "standin.h"
#include <pthread.h>

struct kernel { const void *function; const char *name; const struct st_binary *binary; };
static struct kernel *list, *table;                /* in order of registration; open addressing by function */
static size_t count, room, slots, indexed;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static size_t slot_of(const void *function) {
    uint64_t x = (uint64_t)function;
    x ^= x >> 29;
    x *= 0x9e3779b97f4a7c15ull;
    return (x >> 20) & (slots - 1);
}

static void put(struct kernel k) {
    size_t i = slot_of(k.function);
    while (table[i].function && table[i].function != k.function) i = (i + 1) & (slots - 1);
    table[i] = k;
}

static void index_new(void) {
    if (count * 2 > slots) {
        size_t larger = slots ? slots : 1024;
        while (larger < count * 2) larger *= 2;
        free(table);
        table = calloc(larger, sizeof *table);
        slots = table ? larger : 0;
        indexed = 0;
    }
    if (slots) for (; indexed < count; indexed++) put(list[indexed]);
}

void st_kernel_register(const void *function, const char *name, const struct st_binary *binary) {
    pthread_mutex_lock(&lock);
    if (count == room) {
        size_t larger = room ? room * 2 : 16384;
        struct kernel *grown = realloc(list, larger * sizeof *list);
        if (grown) list = grown, room = larger;
    }
    if (count < room) list[count++] = (struct kernel){ function, name, binary };
    pthread_mutex_unlock(&lock);
}

static struct kernel find(const void *function) {
    struct kernel found = { function, "?", NULL };
    pthread_mutex_lock(&lock);
    index_new();
    if (slots)
        for (size_t i = slot_of(function); table[i].function; i = (i + 1) & (slots - 1))
            if (table[i].function == function) { found = table[i]; break; }
    pthread_mutex_unlock(&lock);
    return found;
}
const char *st_kernel_name(const void *function) { return find(function).name; }

/* A fat binary: which architectures a module's kernels were compiled for (NVIDIA's container, as tools that read it describe it). */
struct wrapper { uint32_t magic, version; const unsigned char *data; };
void st_binary_read(struct st_binary *out, const void *given) {
    const struct wrapper *w = given;
    uint16_t header;
    uint64_t size;
    uint32_t magic;
    out->count = 0;
    if (!w || w->magic != 0x466243b1 || !w->data) return;
    memcpy(&magic, w->data, 4), memcpy(&header, w->data + 6, 2), memcpy(&size, w->data + 8, 8);
    if (magic != 0xba55ed50 || header < 16) return;
    const unsigned char *at = w->data + header, *end = at + size;
    while (at + 32 <= end && out->count < ST_ARCHITECTURES) {
        uint16_t kind;
        uint32_t own, architecture;
        uint64_t bytes;
        memcpy(&kind, at, 2), memcpy(&own, at + 4, 4), memcpy(&bytes, at + 8, 8), memcpy(&architecture, at + 28, 4);
        if ((kind != 1 && kind != 2) || own < 32 || bytes > size) return;
        out->at[out->count].is_machine_code = kind == 2;
        out->at[out->count++].architecture = (int)architecture;
        at += own + bytes;
    }
}

/* Machine code of the device's own generation that is no newer than it; else what newest PTX is compiled from. Libraries choose their ways of
 * working by it, and refuse one that they were not compiled for. −1: there is nothing that the device could run. */
int st_kernel_architecture(const void *function, int *binary, int *ptx) {
    int device = st_settings.major * 10 + st_settings.minor, code = 0, from = 0;
    const struct st_binary *b = find(function).binary;
    for (int i = 0; b && i < b->count; i++) {
        int one = b->at[i].architecture;
        if (one > device) continue;
        if (!b->at[i].is_machine_code) from = one > from ? one : from;
        else if (one / 10 == st_settings.major && one > code) code = one;
    }
    *binary = code ? code : device;
    *ptx = code ? code : from ? from : device;
    return b && b->count && !code && !from ? -1 : 0;
}

void st_kernel_launched(const void *function, void **arguments) {
    if (!st_settings.readback && st_settings.log < 3) return;
    const char *name = st_kernel_name(function);
    st_log(3, "launch %s", name);
    if (st_settings.readback) st_readback_launched(name, arguments);
}
