/** How far a model is from a reference, such as an int8 export from the fp32 one. */
@NullMarked
package io.millrace.runtime.export.comparison;

import org.jspecify.annotations.NullMarked;
