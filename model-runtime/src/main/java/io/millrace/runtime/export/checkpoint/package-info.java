/** Checkpoints to export from: Hugging Face directories, and random weights of a named shape. */
@NullMarked
package io.millrace.runtime.export.checkpoint;

import org.jspecify.annotations.NullMarked;
