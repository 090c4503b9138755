"""Large blocks come from the heap and stay there: glibc would hand each back to the system and take it anew, which costs up to 5 times the work itself
where the pages of a process are dear (virtual machines). Kindred keeps its memory, so its peers do too."""
import ctypes

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4
libc = ctypes.CDLL('libc.so.6')
for name, value in ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, 2**31 - 1), (M_TOP_PAD, 2**28)):
    if libc.mallopt(name, value) != 1:
        raise SystemExit(f'mallopt({name}, {value}) was refused')
