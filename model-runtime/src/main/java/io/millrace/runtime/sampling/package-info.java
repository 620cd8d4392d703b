/** Choosing the next token. */
@NullMarked
package io.millrace.runtime.sampling;

import org.jspecify.annotations.NullMarked;
