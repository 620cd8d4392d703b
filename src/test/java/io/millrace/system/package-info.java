/** Millrace as a whole: real broker, real registry, real processes, crashes included. */
@NullMarked
package io.millrace.system;

import org.jspecify.annotations.NullMarked;
