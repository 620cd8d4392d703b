/** Export without Python: from a checkpoint to a model directory that the engine loads. */
@NullMarked
package io.millrace.runtime.export;

import org.jspecify.annotations.NullMarked;
