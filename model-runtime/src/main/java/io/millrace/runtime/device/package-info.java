/**
 * The memory that a model is computed in: the host's, or that of an NVIDIA GPU through the CUDA
 * runtime.
 */
@NullMarked
package io.millrace.runtime.device;

import org.jspecify.annotations.NullMarked;
