/* Address ranges that do not overlap, sorted by address in one array. */
#include "standin.h"

size_t st_ranges_after(const struct st_ranges *r, uint64_t address) {
    size_t low = 0, high = r->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (r->at[middle].base + r->at[middle].size <= address) low = middle + 1;
        else high = middle;
    }
    return low;
}

int st_ranges_add(struct st_ranges *r, struct st_range new) {
    if (r->count == r->room) {
        size_t room = r->room ? r->room * 2 : 256;
        struct st_range *at = realloc(r->at, room * sizeof *at);
        if (!at) return -1;
        r->at = at;
        r->room = room;
    }
    size_t i = st_ranges_after(r, new.base);
    memmove(&r->at[i + 1], &r->at[i], (r->count - i) * sizeof *r->at);
    r->at[i] = new;
    r->count++;
    return 0;
}

struct st_range *st_ranges_holding(const struct st_ranges *r, uint64_t address) {
    size_t i = st_ranges_after(r, address);
    return i < r->count && r->at[i].base <= address ? &r->at[i] : NULL;
}

void st_ranges_remove(struct st_ranges *r, size_t index) {
    r->count--;
    memmove(&r->at[index], &r->at[index + 1], (r->count - index) * sizeof *r->at);
}

uint64_t st_ranges_gap(const struct st_ranges *r, uint64_t low, uint64_t high, uint64_t size, uint64_t align) {
    uint64_t at = st_round_up(low, align);
    for (size_t i = st_ranges_after(r, at); i < r->count && r->at[i].base < high; i++) {
        if (at + size <= r->at[i].base) break;
        at = st_round_up(r->at[i].base + r->at[i].size, align);
    }
    return at + size <= high ? at : 0;
}
