/* Breadth-first search of a scale-free graph, as graph benchmarks do it: compressed sparse rows, a queue, and a parent
 * for each vertex. Edges are drawn by recursive matrix (R-MAT: 0.57, 0.19, 0.19, 0.05) from a fixed seed.
 *
 *   cc -O2 -o bfs bfs.c && ./bfs SCALE [DEGREE [SEARCHES]]     2^SCALE vertices, DEGREE edges each (16)
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state = 88172645463325252u;

static uint32_t draw(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

static uint32_t search(const uint64_t *row, const uint32_t *column, uint32_t vertices, uint32_t root, int32_t *parent,
                       uint32_t *queue) {
    for (uint32_t v = 0; v < vertices; v++) parent[v] = -1;
    uint32_t head = 0, tail = 0;
    parent[root] = (int32_t)root;
    queue[tail++] = root;
    while (head < tail) {
        uint32_t v = queue[head++];
        for (uint64_t e = row[v]; e < row[v + 1]; e++) {
            uint32_t w = column[e];
            if (parent[w] < 0) {
                parent[w] = (int32_t)v;
                queue[tail++] = w;
            }
        }
    }
    return tail;
}

int main(int count, char **arguments) {
    int scale = count > 1 ? atoi(arguments[1]) : 16;
    uint32_t degree = count > 2 ? (uint32_t)atoi(arguments[2]) : 16, searches = count > 3 ? (uint32_t)atoi(arguments[3]) : 1;
    uint32_t vertices = 1u << scale;
    uint64_t edges = (uint64_t)vertices * degree;
    uint64_t *row = calloc(vertices + 2, sizeof *row);
    uint32_t *column = malloc(2 * edges * sizeof *column), *queue = malloc(vertices * sizeof *queue);
    uint32_t *from = malloc(edges * sizeof *from), *to = malloc(edges * sizeof *to);
    int32_t *parent = malloc(vertices * sizeof *parent);
    if (!row || !column || !queue || !from || !to || !parent) return 1;
    for (uint64_t e = 0; e < edges; e++) {
        uint32_t u = 0, v = 0;
        for (int bit = 0; bit < scale; bit++) {
            uint32_t p = draw() % 100;
            u = u << 1 | (p >= 76);
            v = v << 1 | ((p >= 57 && p < 76) || p >= 95);
        }
        from[e] = u;
        to[e] = v;
        row[u + 2]++;
        row[v + 2]++;
    }
    for (uint32_t v = 2; v < vertices + 2; v++) row[v] += row[v - 1];
    for (uint64_t e = 0; e < edges; e++) {
        column[row[from[e] + 1]++] = to[e];
        column[row[to[e] + 1]++] = from[e];
    }
    free(from);
    free(to);
    for (uint32_t s = 0; s < searches; s++) {
        uint32_t root = draw() % vertices;
        while (row[root] == row[root + 1]) root = (root + 1) % vertices;
        printf("from %u: %u of %u vertices\n", root, search(row, column, vertices, root, parent, queue), vertices);
    }
    return 0;
}
