/** Checks what a processor has written against what it promises. */
@NullMarked
package io.millrace.cli.verify;

import org.jspecify.annotations.NullMarked;
