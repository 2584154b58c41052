/* Kernels are known by name and never run. Registration is cheap (a library registers a hundred thousand as it loads);
 * the table by function is made at the first look-up. */
#include "standin.h"
#include <pthread.h>

struct kernel { const void *function; const char *name; };
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

void st_kernel_register(const void *function, const char *name) {
    pthread_mutex_lock(&lock);
    if (count == room) {
        size_t larger = room ? room * 2 : 16384;
        struct kernel *grown = realloc(list, larger * sizeof *list);
        if (grown) list = grown, room = larger;
    }
    if (count < room) list[count++] = (struct kernel){ function, name };
    pthread_mutex_unlock(&lock);
}

const char *st_kernel_name(const void *function) {
    const char *name = "?";
    pthread_mutex_lock(&lock);
    index_new();
    if (slots)
        for (size_t i = slot_of(function); table[i].function; i = (i + 1) & (slots - 1))
            if (table[i].function == function) { name = table[i].name; break; }
    pthread_mutex_unlock(&lock);
    return name;
}

void st_kernel_launched(const void *function, void **arguments) {
    if (!st_settings.readback && st_settings.log < 3) return;
    const char *name = st_kernel_name(function);
    st_log(3, "launch %s", name);
    if (st_settings.readback) st_readback_launched(name, arguments);
}
