/* Feeds files to a fuzz target once each, where there is no libFuzzer: all those that are named,
 * and all of each folder that is. */
#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

static unsigned replayed;

static void replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat about;
    if (!file || fstat(fileno(file), &about)) {
        perror(path);
        exit(2);
    }
    const size_t size = (size_t)about.st_size;
    char *data = malloc(size ? size : 1);
    FUZZ_CHECK(data && fread(data, 1, size, file) == size);
    fclose(file);
    fprintf(stderr, "%s\n", path);
    LLVMFuzzerTestOneInput((const uint8_t *)data, size);
    free(data);
    replayed++;
}

static void replay_folder(DIR *folder, const char *path)
{
    char name[4096];
    for (const struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        FUZZ_CHECK(snprintf(name, sizeof name, "%s/%s", path, entry->d_name) < (int)sizeof name);
        replay_file(name);
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (folder) {
            replay_folder(folder, argv[i]);
            closedir(folder);
        } else {
            replay_file(argv[i]);
        }
    }
    printf("%u inputs replayed\n", replayed);
    return replayed > 0 ? 0 : 2;
}
