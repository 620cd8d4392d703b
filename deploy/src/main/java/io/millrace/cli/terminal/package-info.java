/** Showing replies to people: live on a terminal, line by line anywhere else. */
@NullMarked
package io.millrace.cli.terminal;

import org.jspecify.annotations.NullMarked;
