/* bench-city.yaml by hand, row rules and steps over rows: the ceiling a compiled policy is measured against. Compiled
   when the benchmark runs (gcc -O3 -march=native). Amounts in fen; the sum stands over 1,110,000 until it is rounded. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef int64_t i64;
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

void city(i64 rows, const int8_t *dishonest, const int8_t *cultural, const i64 *investment, const i64 *fixed_assets,
          const int8_t *leading, const int8_t *vertical, const i64 *revenue, const int8_t *award,
          const int8_t *local_theme, const i64 *episodes, const i64 *local_days, const i64 *local_share,
          const i64 *local_cost, const i64 *rent, const i64 *area, const i64 *months, const i64 *higher_paid,
          i64 *out)
{
    const i64 W = 1000000; /* fen in ten thousand yuan */
    for (i64 row = 0; row < rows; row++) {
        i64 inv = investment[row], rev = revenue[row], cost = local_cost[row];
        /* over 200: 7.5 % = 15/200, times 1.2 = 240/200, bands 3 % = 6/200, 1.5 % = 3/200 */
        i64 base = cultural[row] && inv > 500 * W ? MIN(fixed_assets[row] * 15, 200 * W * 200) : 0;
        i64 hit = leading[row] && !vertical[row]
                      ? (rev >= 1000 * W ? 50 * W : rev >= 500 * W ? 30 * W : rev >= 100 * W ? 10 * W : 0) * 200 : 0;
        i64 bands = MAX(MIN(rev, 500 * W) - 100 * W, 0) * 6 + MAX(rev - 500 * W, 0) * 3;
        i64 share = leading[row] && vertical[row] ? MIN(bands, 100 * W * 200) : 0;
        i64 prize = award[row] == 3 ? 30 * W : award[row] == 2 ? 20 * W : award[row] == 1 ? 10 * W : 0;
        i64 script = local_theme[row] ? prize * 240 : prize * 200;
        i64 release = MAX(MAX(hit, share), script);
        i64 location = local_days[row] >= 7 && local_share[row] > 5000 ? MIN(episodes[row] * W, 10 * W) : 0;
        /* over 3 */
        i64 spend = cost > 50 * W ? MAX(MIN(cost - 50 * W, 80 * W * 3) - higher_paid[row] * 3, 0) : 0;
        /* over 37 */
        i64 office = 2 * rent[row] * MIN(area[row], 500) * MIN(months[row], 24);
        /* over 10,000 */
        i64 digital = leading[row] || cultural[row] ? MIN(inv * 3, 5 * W * 10000) : 0;
        /* over 1,110,000 = lcm(200, 3, 37, 10,000) */
        i64 sum = (base + release) * 5550 + location * 1110000 + spend * 370000 + office * 30000 + digital * 111;
        out[row] = dishonest[row] ? 0 : sum / 1110000;
    }
}

/* The steps over rows by hand, for this policy alone: keys are numbers below `keys`, the two years are 2026 and 2027,
   the amounts fit 64 bits, every application has its own number. */
typedef struct { i64 rest, day, number, row; } ranked;

static int in_order(const void *one, const void *other)
{
    const ranked *a = one, *b = other;
    if (a->rest != b->rest) return a->rest > b->rest ? -1 : 1;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

void city_steps(i64 rows, i64 keys, const i64 *work, const i64 *enterprise, const i64 *day, const i64 *number,
                const i64 *tax_paid, const i64 *gross, i64 *out)
{
    const i64 firm_limit = 300000000, budget = 5000000000, new_year = 20819, bins = 16384; /* 2027-01-01 */
    struct { i64 most, row; } *best = calloc(keys, sizeof *best);
    i64 *asked = calloc(2 * keys, sizeof *asked), *list = malloc(rows * sizeof *list), count = 0, over = 0, sum = 0;
    for (i64 row = 0; row < rows; row++) {
        i64 v = gross[row], w = work[row], old = best[w].row;
        if (v > best[w].most || (v && v == best[w].most
                && (day[row] < day[old] || (day[row] == day[old] && number[row] < number[old]))))
            best[w].most = v, best[w].row = row;
    }
    memset(out, 0, rows * sizeof *out);
    for (i64 w = 0; w < keys; w++)
        if (best[w].most) out[best[w].row] = MIN(best[w].most, tax_paid[best[w].row]);
#define GROUP(row) (2 * enterprise[row] + (day[row] >= new_year))
    for (i64 row = 0; row < rows; row++)
        if (out[row]) asked[GROUP(row)] += out[row], list[count++] = row;
    ranked *few = malloc(count * sizeof *few + 1);
    for (i64 i = 0; i < count; i++)
        if (asked[GROUP(list[i])] > firm_limit) few[over++] = (ranked){0, day[list[i]], number[list[i]], list[i]};
    qsort(few, over, sizeof *few, in_order);
    for (i64 i = 0; i < over; i++) { /* what was asked by a group over its limit becomes what is left, below zero */
        i64 g = GROUP(few[i].row), left = asked[g] > 0 ? firm_limit : -asked[g] - 1, v = MIN(out[few[i].row], left);
        asked[g] = -(left - v) - 1;
        out[few[i].row] = v;
    }
    for (i64 i = 0; i < count; i++) sum += out[list[i]];
    if (sum > budget) {
        i64 *rest = malloc(count * sizeof *rest + 1), *many = calloc(bins + 1, sizeof *many), left = budget, last = bins;
        i64 width = sum / bins + 1;
        for (i64 i = 0; i < count; i++) {
            i64 product = out[list[i]] * budget, share = product / sum;
            rest[i] = out[list[i]] ? product - share * sum : -1;
            out[list[i]] = share, left -= share;
            if (rest[i] >= 0) many[rest[i] / width]++;
        }
        while (last > 0 && many[last] < left) left -= many[last--];
        over = 0;
        for (i64 i = 0; i < count; i++) {
            if (rest[i] < 0) continue;
            if (rest[i] / width > last) out[list[i]]++;
            else if (rest[i] / width == last) few[over++] = (ranked){rest[i], day[list[i]], number[list[i]], list[i]};
        }
        qsort(few, over, sizeof *few, in_order);
        for (i64 i = 0; i < over && i < left; i++) out[few[i].row]++;
        free(rest), free(many);
    }
    for (i64 i = 0; i < count; i++) out[list[i]] = out[list[i]] / 100 * 100;
    free(best), free(asked), free(list), free(few);
}
