/* Copies and fills: carried out on the host's memory, since device memory is host memory.
 * Copies to and from the host are whole. Inside the device, large ones are left out (nothing large is computed there
 * either); a large fill with zero costs nothing: its pages are given back. */
#include "standin.h"

void st_copy(void *to, const void *from, size_t bytes) {
    if (!bytes || to == from) return;
    int onto_device = st_is_device(to), off_device = st_is_device(from);
    if (off_device && !onto_device && (st_values_answer(to, bytes) || st_readback_answer(to, from, bytes))) return;
    if (onto_device && bytes > (off_device ? st_settings.device_copy_limit : st_settings.copy_limit)) {
        st_log(2, "a copy of %zu bytes is left out", bytes);
        return;
    }
    memmove(to, from, bytes);
    if (onto_device) st_readback_written(to, bytes, !off_device);
}

void st_fill(void *to, int value, size_t bytes) {
    if (!bytes) return;
    if (st_is_device(to)) {
        if (value == 0 && bytes >= 4 * ST_PAGE) {
            uint64_t first = st_round_up((uint64_t)to, ST_PAGE), last = ((uint64_t)to + bytes) / ST_PAGE * ST_PAGE;
            memset(to, 0, first - (uint64_t)to);
            st_forget((void *)first, last - first);
            memset((void *)last, 0, (uint64_t)to + bytes - last);
        } else if (bytes <= st_settings.device_copy_limit) memset(to, value, bytes);
        st_readback_written(to, bytes, 1);
    } else memset(to, value, bytes);
}

void st_fill32(void *to, uint32_t value, size_t words) {
    if (value == 0) { st_fill(to, 0, words * 4); return; }
    if (st_is_device(to) && words * 4 > st_settings.device_copy_limit) return;
    for (size_t i = 0; i < words; i++) memcpy((char *)to + i * 4, &value, 4);
    st_readback_written(to, words * 4, 1);
}
