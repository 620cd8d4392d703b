/** The decoder graph of a Llama-family model and the number formats of its weights. */
@NullMarked
package io.millrace.runtime.export.graph;

import org.jspecify.annotations.NullMarked;
