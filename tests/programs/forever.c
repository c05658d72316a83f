/* Writes its process id and its child's to the file it is given; then the child sleeps and the parent stores. */
#include <stdio.h>
#include <unistd.h>

int main(int count, char **arguments) {
    if (count < 2) return 1;
    int child = fork();
    if (child == 0)
        for (;;) pause();
    FILE *file = fopen(arguments[1], "w");
    fprintf(file, "%d %d\n", getpid(), child);
    fclose(file);
    static volatile char page[4096];
    for (;;) page[0] = 1;
}
