/* NCCL's types and reductions. Each step of a sum is rounded to its type, as a ring rounds it. */
#include "nccl.h"

size_t st_nccl_width(int type) {
    static const uint8_t width[] = { 1, 1, 4, 4, 8, 8, 2, 4, 8, 2, 1, 1 };
    return type >= 0 && type < (int)sizeof width ? width[type] : 0;
}

static float of_bits(uint32_t bits) { float x; memcpy(&x, &bits, 4); return x; }
static uint32_t bits_of(float x) { uint32_t bits; memcpy(&bits, &x, 4); return bits; }

static double read_bfloat(const void *p) { uint16_t h; memcpy(&h, p, 2); return of_bits((uint32_t)h << 16); }
static void write_bfloat(void *p, double value) {
    uint32_t bits = bits_of((float)value);
    uint16_t h = value != value ? 0x7fc0 : (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
    memcpy(p, &h, 2);
}

static double read_half(const void *p) {
    uint16_t h;
    memcpy(&h, p, 2);
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 1023;
    if (exponent == 31) return of_bits(sign | 0x7f800000 | fraction << 13);
    if (exponent) return of_bits(sign | (exponent + 112) << 23 | fraction << 13);
    float small = (float)fraction / 16777216.f;
    return sign ? -small : small;
}
static void write_half(void *p, double value) {
    uint32_t bits = bits_of((float)value), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
    uint16_t h;
    if (magnitude > 0x7f800000) h = 0x7e00;
    else if (magnitude >= 0x477ff000) h = 0x7c00;                    /* past the largest */
    else if (magnitude < 0x38800000) {                               /* below the smallest normal one: 2^-24 steps */
        union { float f; uint32_t bits; } shifted = { of_bits(magnitude) + 0.5f };
        h = (uint16_t)(shifted.bits - 0x3f000000);
    } else h = (uint16_t)((magnitude + 0xfff + (magnitude >> 13 & 1) - (112u << 23)) >> 13);
    h |= (uint16_t)sign;
    memcpy(p, &h, 2);
}

#define PLAIN(name, type) \
    static double read_##name(const void *p) { type x; memcpy(&x, p, sizeof x); return (double)x; } \
    static void write_##name(void *p, double value) { type x = (type)value; memcpy(p, &x, sizeof x); }
PLAIN(float, float) PLAIN(double, double)

struct real { double (*read)(const void *); void (*write)(void *, double); };
static const struct real reals[] = {
    [6] = { read_half, write_half }, [7] = { read_float, write_float }, [8] = { read_double, write_double }, [9] = { read_bfloat, write_bfloat },
};

static void reduce_reals(const struct real *r, size_t width, char *out, const char *const *parts, int ranks, size_t count, int op, double scale) {
    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        char rounded[8];
        for (int rank = 0; rank < ranks; rank++) {
            double x = parts[rank] ? r->read(parts[rank] + i * width) : 0;
            if (scale != 1) { r->write(rounded, x * scale); x = r->read(rounded); }
            if (!rank) sum = x;
            else if (op == NCCL_PROD) sum *= x;
            else if (op == NCCL_MAX) sum = x != x || x > sum ? x : sum;
            else if (op == NCCL_MIN) sum = x != x || x < sum ? x : sum;
            else sum += x;
            r->write(rounded, sum);
            sum = r->read(rounded);
        }
        r->write(out + i * width, op == NCCL_AVG ? sum / ranks : sum);
    }
}

#define WHOLE(name, type) \
    static void reduce_##name(char *out, const char *const *parts, int ranks, size_t count, int op) { \
        for (size_t i = 0; i < count; i++) { \
            type sum = 0; \
            for (int rank = 0; rank < ranks; rank++) { \
                type x = 0; \
                if (parts[rank]) memcpy(&x, parts[rank] + i * sizeof x, sizeof x); \
                if (!rank) sum = x; \
                else if (op == NCCL_PROD) sum = (type)(sum * x); \
                else if (op == NCCL_MAX) sum = x > sum ? x : sum; \
                else if (op == NCCL_MIN) sum = x < sum ? x : sum; \
                else sum = (type)(sum + x); \
            } \
            if (op == NCCL_AVG) sum = (type)(sum / ranks); \
            memcpy(out + i * sizeof sum, &sum, sizeof sum); \
        } \
    }
WHOLE(i8, int8_t) WHOLE(u8, uint8_t) WHOLE(i32, int32_t) WHOLE(u32, uint32_t) WHOLE(i64, int64_t) WHOLE(u64, uint64_t)

int st_nccl_reduce(void *out, const char *const *parts, int ranks, size_t count, int type, int op, double scale) {
    static void (*const whole[])(char *, const char *const *, int, size_t, int) = { reduce_i8, reduce_u8, reduce_i32, reduce_u32, reduce_i64, reduce_u64 };
    if (type >= 0 && type < 6 && scale == 1) whole[type](out, parts, ranks, count, op);
    else if (type >= 6 && type <= 9) reduce_reals(&reals[type], st_nccl_width(type), out, parts, ranks, count, op, scale);
    else return -1;
    return 0;
}

double st_nccl_real(const void *p, int type) { return type >= 6 && type <= 9 ? reals[type].read(p) : 1; }
