/* So many children as it is told, all of which are there at the same time. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments) {
    int gate[2], children = count > 1 ? atoi(arguments[1]) : 0;
    char none;
    if (pipe(gate)) return 1;
    for (int i = 0; i < children; i++) {
        int child = fork();
        if (child < 0) return 1;
        if (child == 0) {
            close(gate[1]);
            _exit(read(gate[0], &none, 1) != 0);
        }
    }
    close(gate[1]);
    int status, failed = 0;
    while (wait(&status) > 0) failed += status != 0;
    return failed;
}
