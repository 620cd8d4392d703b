/**
 * How events are written as bytes and read back: the value formats, and whose fault a failure is.
 */
@NullMarked
package io.millrace.schemas;

import org.jspecify.annotations.NullMarked;
