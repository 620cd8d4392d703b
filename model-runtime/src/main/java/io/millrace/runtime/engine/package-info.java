/** The engine's contract: requests in, events out, one scheduler thread per model replica. */
@NullMarked
package io.millrace.runtime.engine;

import org.jspecify.annotations.NullMarked;
