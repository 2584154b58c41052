/* The settings of the device, from the environment. The launcher checks them first, with better sentences. */
#include "standin.h"
#include <pthread.h>

struct st_settings st_settings;

/* "8GiB", "512 MiB", "1.5g", "1000000": bytes. Returns where the text ends, NULL if it is no size. */
static const char *parse_bytes(const char *text, uint64_t *bytes) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || !(value >= 0) || value > 1e18) return NULL;
    while (*end == ' ') end++;
    switch (*end | 32) {
    case 'k': value *= 1024.; end++; break;
    case 'm': value *= 1048576.; end++; break;
    case 'g': value *= 1073741824.; end++; break;
    case 't': value *= 1099511627776.; end++; break;
    }
    if ((*end | 32) == 'i') end++;
    if ((*end | 32) == 'b') end++;
    *bytes = (uint64_t)value;
    return end;
}

static int refuse(const char *name, const char *text, const char *form) {
    st_warn("%s=%s is not %s; there is no device.", name, text, form);
    return -1;
}

/* Sizes separated by commas, one a device; the last holds for those behind it. */
static int bytes_each(const char *name, uint64_t usual, uint64_t *out, int count) {
    const char *text = getenv(name), *at = text;
    for (int i = 0; i < count; i++) {
        if (!text || !*text) out[i] = usual;
        else if (i && !*at) out[i] = out[i - 1];
        else {
            const char *end = parse_bytes(at, &out[i]);
            if (!end || (*end && *end != ',')) return refuse(name, text, "a size such as 8GiB (several: 8GiB,4GiB)");
            at = *end ? end + 1 : end;
        }
    }
    return 0;
}

static int number(const char *name, int usual, int low, int high, int *out) {
    const char *text = getenv(name);
    char *end;
    *out = usual;
    if (!text || !*text) return 0;
    long value = strtol(text, &end, 10);
    if (*end || value < low || value > high) {
        char form[64];
        snprintf(form, sizeof form, "a whole number from %d to %d", low, high);
        return refuse(name, text, form);
    }
    *out = (int)value;
    return 0;
}

static int read_order(void) {
    const char *text = getenv("ESPER_STANDIN_ADDRESSES");
    if (!text || !*text || !strcmp(text, "fall")) st_settings.order = ST_FALL;
    else if (!strcmp(text, "rise")) st_settings.order = ST_RISE;
    else if (!strncmp(text, "file:", 5)) {
        st_settings.order = ST_FILE;
        snprintf(st_settings.order_file, sizeof st_settings.order_file, "%s", text + 5);
    } else if (!strncmp(text, "wsl", 3) && (!text[3] || text[3] == ':')) {
        st_settings.order = ST_WSL;
        st_settings.hole_after = text[3] ? atoi(text + 4) : 94;
    } else return refuse("ESPER_STANDIN_ADDRESSES", text, "fall, rise, wsl:N or file:PATH");
    return 0;
}

/* CUDA_VISIBLE_DEVICES: numbers or UUIDs separated by commas; the first that is neither ends the list, as in CUDA. */
static void read_visible(void) {
    const char *at = getenv("CUDA_VISIBLE_DEVICES");
    st_settings.visible = 0;
    if (!at) {
        for (int i = 0; i < st_settings.devices; i++) st_settings.ordinal[i] = i;
        st_settings.visible = st_settings.devices;
        return;
    }
    while (*at && st_settings.visible < ST_DEVICES) {
        int device = -1;
        while (*at == ' ') at++;
        if (*at >= '0' && *at <= '9') device = atoi(at);
        else if (!strncmp(at, "GPU-", 4))
            for (int i = 0; i < st_settings.devices && device < 0; i++) {
                char uuid[48];
                unsigned char b[16];
                st_uuid(i, b);
                snprintf(uuid, sizeof uuid, "GPU-%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                         b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
                size_t length = strcspn(at, ", ");
                if (length <= strlen(uuid) && !strncmp(at, uuid, length)) device = i;
            }
        if (device < 0 || device >= st_settings.devices) return;
        for (int i = 0; i < st_settings.visible; i++)
            if (st_settings.ordinal[i] == device) { st_settings.visible = 0; return; }   /* named twice: none, as in CUDA */
        st_settings.ordinal[st_settings.visible++] = device;
        at += strcspn(at, ",");
        if (*at) at++;
    }
}

int st_read_settings(void) {
    struct st_settings *s = &st_settings;
    const char *text;
    if (number("ESPER_STANDIN_LOG", 0, 0, 3, &s->log) || number("ESPER_STANDIN_DEVICES", 1, 1, ST_DEVICES, &s->devices) ||
        bytes_each("ESPER_STANDIN_MEMORY", 24ull << 30, s->memory, s->devices) ||
        bytes_each("ESPER_STANDIN_OTHERS", 0, s->others, s->devices) ||
        bytes_each("ESPER_STANDIN_CONTEXT", 300ull << 20, &s->context, 1) ||
        bytes_each("ESPER_STANDIN_COPY_LIMIT", UINT64_MAX, &s->copy_limit, 1) ||
        bytes_each("ESPER_STANDIN_DEVICE_COPY_LIMIT", 1ull << 20, &s->device_copy_limit, 1) ||
        number("ESPER_STANDIN_MULTIPROCESSORS", 82, 1, 1024, &s->multiprocessors) ||
        number("ESPER_STANDIN_THREADS", 1536, 32, 4096, &s->threads) ||
        number("ESPER_STANDIN_READBACK", 1, 0, 1, &s->readback) || read_order())
        return -1;
    text = getenv("ESPER_STANDIN_CAPABILITY");
    s->major = 8, s->minor = 6;
    if (text && *text && (sscanf(text, "%d.%d", &s->major, &s->minor) != 2 || s->major < 3 || s->major > 99 || s->minor < 0 || s->minor > 9))
        return refuse("ESPER_STANDIN_CAPABILITY", text, "a compute capability such as 8.6");
    text = getenv("ESPER_STANDIN_NAME");
    if (text && *text) snprintf(s->name, sizeof s->name, "%.90s (Esper stand-in, no GPU)", text);
    else snprintf(s->name, sizeof s->name, "Esper stand-in device (no GPU)");
    text = getenv("ESPER_STANDIN_SHARED");
    snprintf(s->shared, sizeof s->shared, "%s", text ? text : "");
    read_visible();
    return 0;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int failed;
static void start(void) { failed = st_read_settings() || st_addresses_open() || st_ledger_open(); }

int st_start(void) {
    pthread_once(&once, start);
    return failed ? -1 : 0;
}
