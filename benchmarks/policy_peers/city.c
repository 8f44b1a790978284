/* The row rules of bench-city.yaml by hand: the ceiling a compiled policy is measured against. Compiled when the
   benchmark runs (gcc -O3 -march=native). Amounts in fen; the sum stands over 1,110,000 until it is rounded. */
#include <stdint.h>

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
