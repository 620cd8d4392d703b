/** Looks at dead letters and sends them again. */
@NullMarked
package io.millrace.cli.errors;

import org.jspecify.annotations.NullMarked;
