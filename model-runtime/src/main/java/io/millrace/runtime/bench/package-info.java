/** Measuring the engine against a bare loop over the same model, in the same run. */
@NullMarked
package io.millrace.runtime.bench;

import org.jspecify.annotations.NullMarked;
