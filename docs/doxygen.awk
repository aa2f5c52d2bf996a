# Makes comments of Doxygen of the plain ones in a header: those before a declaration, and those behind one. What is indented
# in them, tables and code, stays as it is; letters that mean something to Doxygen mean themselves.

function plain(text) {
    gsub(/[\\@#<>%&$]/, "\\\\&", text)
    return text
}

function verbatim(on) {
    if (on != raw) print on ? "@verbatim" : "@endverbatim"
    raw = on
}

# A line within a comment, or its last one.
function inside(line,    end) {
    end = line ~ /\*\/[ \t]*$/
    sub(/[ \t]*\*\/[ \t]*$/, "", line)
    verbatim(behind == 0 && line ~ /^[ \t]*\*   +[^ ]/)
    if (raw) sub(/^[ \t]*\*/, "", line)
    else line = plain(line)
    if (end) verbatim(0)
    print line (end ? " */" : "")
    open = !end
}

open { inside($0); next }

/^[ \t]*\/\* ----/ { print; next }

match($0, /\/\*( |$)/) {
    before = substr($0, 1, RSTART - 1)
    behind = before ~ /[^ \t]/
    printf "%s", before (behind ? "/**<" : "/**")
    if (NR == 1) printf " @file\n"
    inside(substr($0, RSTART + 2))
    next
}

{ print }
