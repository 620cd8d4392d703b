/** Reads what is in topics, for commands that look at it afterwards. */
@NullMarked
package io.millrace.cli.topics;

import org.jspecify.annotations.NullMarked;
