/** Tells on the console, each time it grows, how many distinct fragment shaders were compiled in this page. */
{
  const seen = new Set();
  const {shaderSource, getShaderParameter} = WebGL2RenderingContext.prototype;
  WebGL2RenderingContext.prototype.shaderSource = function(shader, source) {
    if (getShaderParameter.call(this, shader, this.SHADER_TYPE) === this.FRAGMENT_SHADER && !seen.has(source)) {
      seen.add(source);
      console.info(`distinct shaders: ${seen.size}`);
    }
    return shaderSource.call(this, shader, source);
  };
}
